import { readFile } from "node:fs/promises";
import type { Knex } from "knex";
import { findServerPid } from "../../bench/pipeline/cores.ts";
import type { Place } from "./canaries.ts";

/** Every row of every table that is not the server's own, as text: bytea in hex, jsonb as JSON. */
export async function dumpDatabase(db: Knex): Promise<readonly Place[]> {
	const { rows: tables } = await db.raw<{ rows: { schema: string; name: string }[] }>(
		`select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'`,
	);
	const places: Place[] = [];
	for (const { schema, name } of tables) {
		const { rows } = await db.raw<{ rows: { line: string }[] }>("select t::text as line from ??.?? t", [
			schema,
			name,
		]);
		places.push({ kind: "dump", name: `${schema}.${name}`, text: rows.map(({ line }) => line).join("\n") });
	}
	const { rows } = await db.raw<{ rows: { query: string }[] }>("select query from pg_stat_activity");
	places.push({ kind: "dump", name: "running statements", text: rows.map(({ query }) => query).join("\n") });
	return places;
}

/** What the server itself wrote to its log since it began; empty where the system does not tell which file that is. */
export async function readServerLog(db: Knex): Promise<string> {
	const pid = await findServerPid(db);
	return pid === undefined ? "" : await readFile(`/proc/${pid}/fd/2`, "utf8").catch(() => "");
}
