import type { Knex } from "knex";
import { listTables } from "../schema.ts";

/** Count and checksum of every table, whatever order its rows are in: equal prints, equal tables. */
export async function readTablePrints(db: Knex): Promise<Readonly<Record<string, string>>> {
	const prints: Record<string, string> = {};
	await db.transaction(
		async (trx) => {
			for (const { name } of await listTables(trx)) {
				const { rows } = await trx.raw<{ rows: { print: string }[] }>(
					`select count(*) || ':' || coalesce(md5(string_agg(h, '' order by h)), '') as print
					from (select md5(t::text) as h from ?? t) x`,
					[name],
				);
				prints[name] = rows[0]?.print ?? "";
			}
		},
		{ isolationLevel: "repeatable read", readOnly: true },
	);
	return prints;
}

/** Takes everything out of a database, as if it had just been made. */
export async function makeEmpty(db: Knex): Promise<void> {
	await db.raw("drop schema public cascade");
	await db.raw("create schema public");
}
