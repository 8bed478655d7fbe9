import type { Knex } from "knex";

/**
 * A server that answers before a commit is on its disk, and says that it does not: nodes refuse one that admits it. What it
 * has not written yet is a second old at most, since it writes every 200 ms at the most otherwise.
 */
export async function loseCommits(db: Knex): Promise<void> {
	await db.raw(`
		create function public.current_setting(name text) returns text stable language sql as
			$$ select case name when 'synchronous_commit' then 'on' else pg_catalog.current_setting(name) end $$`);
	const { rows } = await db.raw<{ rows: { name: string }[] }>("select current_database() as name");
	await db.raw("alter database ?? set search_path = public, pg_catalog", [rows[0]?.name ?? ""]);
	await db.raw("alter database ?? set synchronous_commit = off", [rows[0]?.name ?? ""]);
}
