import type { Knex } from "knex";

/** The tables that hold this text anywhere in a row, every schema of ours and of the job queue included. */
export async function findInDatabase(db: Knex, text: string): Promise<readonly string[]> {
	const { rows: tables } = await db.raw<{ rows: { schema: string; name: string }[] }>(
		`select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'`,
	);
	const found: string[] = [];
	for (const { schema, name } of tables) {
		const { rows } = await db.raw<{ rows: unknown[] }>(
			"select 1 from ??.?? t where position(? in t::text) > 0 limit 1",
			[schema, name, text],
		);
		if (rows.length > 0) found.push(`${schema}.${name}`);
	}
	return found;
}
