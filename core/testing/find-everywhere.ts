import type { Knex } from "knex";

/** All rows of all tables that hold the words, as "table: row". */
export async function findEverywhere(db: Knex, words: string): Promise<readonly string[]> {
	const { rows: tables } = await db.raw<{ rows: { name: string }[] }>(
		"select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
	);
	const found: string[] = [];
	for (const { name } of tables) {
		const { rows } = await db.raw<{ rows: { row: string }[] }>(
			"select to_jsonb(t)::text as row from ?? t where to_jsonb(t)::text like ?",
			[name, `%${words}%`],
		);
		found.push(...rows.map(({ row }) => `${name}: ${row}`));
	}
	return found;
}
