import type { Knex } from "knex";

type Part = { readonly table: string; readonly name: string; readonly definition: string };

/**
 * Fills tables without their indexes, foreign keys and exclusions and makes these anew afterwards: millions of rows in seconds.
 * Foreign keys of other tables on these are checked anew too.
 */
export async function bulkLoad(
	db: Knex,
	tables: readonly string[],
	fill: (db: Knex) => Promise<void>,
): Promise<void> {
	const names = `{${tables.join(",")}}`;
	const constraints = await readParts(
		db,
		`select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
		from pg_constraint
		where contype in ('p', 'u', 'x', 'f') and (conrelid = any (?::regclass[]) or confrelid = any (?::regclass[]))
		-- what others refer to comes last away and first back
		order by contype = 'f', contype = 'x', conname`,
		[names, names],
	);
	const indexes = await readParts(
		db,
		`select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
		from pg_index i
		where i.indrelid = any (?::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
		[names],
	);
	for (const { table, name } of constraints.toReversed()) {
		await db.raw("alter table ?? drop constraint ??", [table, name]);
	}
	for (const { name } of indexes) await db.raw("drop index ??", [name]);
	await fill(db);
	for (const { table, name, definition } of constraints) {
		await db.raw(`alter table ?? add constraint ?? ${definition.replaceAll("?", "\\?")}`, [table, name]);
	}
	for (const { definition } of indexes) await db.raw(definition.replaceAll("?", "\\?"));
}

async function readParts(db: Knex, sql: string, bindings: readonly string[]): Promise<readonly Part[]> {
	const { rows } = await db.raw<{ rows: Part[] }>(sql, bindings);
	return rows;
}
