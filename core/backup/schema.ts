import type { Knex } from "knex";
import type { Closing, TableShape } from "./frames.ts";

/** Written by the migrations themselves: a restore runs these first, and compares their names with those of the backup. */
const OWN_OF_MIGRATIONS = ["knex_migrations", "knex_migrations_lock"];

type Sequence = { readonly sequence: string; readonly table: string; readonly column: string };
type ForeignKey = { readonly table: string; readonly name: string; readonly definition: string };

/**
 * The tables of ours and their columns. Left out: what the migrations write about themselves, views and generated columns, since
 * they follow from the rest, and every other schema: the job queue ("pgboss") holds no data of ours and is made anew at start.
 */
export async function listTables(db: Knex): Promise<readonly TableShape[]> {
	const { rows } = await db.raw<{ rows: TableShape[] }>(
		`select c.relname as name,
			array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '') as columns
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all (?)
		group by c.relname
		order by c.relname`,
		[OWN_OF_MIGRATIONS],
	);
	return rows;
}

/** Names in the order they were applied. None on a database without migrations of ours. */
export async function listMigrations(db: Knex): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { found: boolean }[] }>(
		"select to_regclass('public.knex_migrations') is not null as found",
	);
	if (rows[0]?.found !== true) return [];
	return await db<{ id: number; name: string }>("knex_migrations").orderBy("id").pluck("name");
}

/** Where the numbers of rows come from. Read after the tables, they are ahead of every row that was read. */
export async function readSequences(db: Knex): Promise<Closing["sequences"]> {
	const found: { table: string; column: string; lastValue: string }[] = [];
	for (const { sequence, table, column } of await listSequences(db)) {
		const { rows } = await db.raw<{ rows: { last: string }[] }>(
			`select case when is_called then last_value else last_value - 1 end as last from ${sequence}`,
		);
		found.push({ table, column, lastValue: String(rows[0]?.last ?? 0) });
	}
	return found;
}

/** The next number comes after all that were given out, also of rows that are gone. */
export async function setSequences(db: Knex, positions: Closing["sequences"]): Promise<void> {
	for (const { sequence, table, column } of await listSequences(db)) {
		const known = positions.find((one) => one.table === table && one.column === column)?.lastValue ?? "0";
		await db.raw(
			"select setval(?::regclass, greatest(1, ?::bigint + 1, (select coalesce(max(??), 0) + 1 from ??)), false)",
			[sequence, known, column, table],
		);
	}
}

/** Takes every foreign key away and answers them for `addForeignKeys`: tables can then be filled in any order. */
export async function dropForeignKeys(db: Knex): Promise<readonly ForeignKey[]> {
	const { rows } = await db.raw<{ rows: ForeignKey[] }>(
		`select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
		from pg_constraint k join pg_class c on c.oid = k.conrelid
		where k.contype = 'f' and k.connamespace = 'public'::regnamespace`,
	);
	for (const { table, name } of rows) await db.raw("alter table ?? drop constraint ??", [table, name]);
	return rows;
}

/** Makes them anew, which looks at every row. @throws when a row refers to nothing */
export async function addForeignKeys(db: Knex, keys: readonly ForeignKey[]): Promise<void> {
	for (const { table, name, definition } of keys) {
		await db.raw(`alter table ?? add constraint ?? ${definition.replaceAll("?", "\\?")}`, [table, name]);
	}
}

async function listSequences(db: Knex): Promise<readonly Sequence[]> {
	const { rows } = await db.raw<{ rows: Sequence[] }>(
		`select s.oid::regclass::text as sequence, c.relname as table, a.attname as column
		from pg_class s
			join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
				and d.refclassid = 'pg_class'::regclass
			join pg_class c on c.oid = d.refobjid
			join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
		where s.relkind = 'S' and c.relnamespace = 'public'::regnamespace and c.relname <> all (?)
		order by 1`,
		[OWN_OF_MIGRATIONS],
	);
	return rows;
}
