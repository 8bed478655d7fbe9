import { pipeline } from "node:stream/promises";
import type { Knex } from "knex";
import { from as copyFrom } from "pg-copy-streams";
import { MIGRATION_LOCK, migrationSource } from "../db/migrations.ts";
import { BackupError } from "./backup-error.ts";
import { prepareSession, quoteNames, submitCopy } from "./copy-session.ts";
import type { Opening, TableShape } from "./frames.ts";
import type { FindKey } from "./header.ts";
import { readBackup } from "./read-backup.ts";
import { addForeignKeys, dropForeignKeys, listMigrations, listTables, setSequences } from "./schema.ts";

export type RestoreReport = {
	readonly id: string;
	readonly takenAt: string;
	readonly tables: number;
	readonly rows: number;
};

/**
 * Makes the database what it was: schema of that time, rows, numbers, checks, all in one transaction that leaves nothing behind
 * when any of it fails. What this program has beyond that schema is for `migrate` to add afterwards.
 *
 * @param db of `openLongDb`, on a database without anything of ours
 * @throws BackupError when there is something already, or the backup is not whole, or what it holds is not consistent
 */
export async function restoreBackup(
	db: Knex,
	source: AsyncIterable<Buffer>,
	findKey: FindKey,
): Promise<RestoreReport> {
	return await db.transaction(async (trx) => {
		// A node that starts meanwhile waits here before it looks what there is.
		await trx.raw("select pg_advisory_xact_lock(?)", [MIGRATION_LOCK]);
		await prepareSession(trx);
		await requireEmpty(trx);
		const found = await loadAll(trx, source, findKey);
		await requireConsistent(trx);
		return found;
	});
}

async function loadAll(
	trx: Knex.Transaction,
	source: AsyncIterable<Buffer>,
	findKey: FindKey,
): Promise<RestoreReport> {
	let takenAt = "";
	let shapes: ReadonlyMap<string, TableShape> = new Map();
	let keys: Awaited<ReturnType<typeof dropForeignKeys>> = [];
	const { header, closing } = await readBackup(source, findKey, {
		async open(opening) {
			takenAt = opening.takenAt;
			await migrateTo(trx, opening);
			keys = await dropForeignKeys(trx);
			shapes = new Map((await listTables(trx)).map((shape) => [shape.name, shape]));
		},
		load: async (table, rows) => await loadTable(trx, shapes.get(table.name), table, rows),
	});
	if (closing.tables !== shapes.size) throw new BackupError("the backup lacks a table");
	await addForeignKeys(trx, keys);
	await setSequences(trx, closing.sequences);
	return { id: header.id, takenAt, tables: closing.tables, rows: closing.rows };
}

/** Another program's tables are left alone by refusing too: what is theirs cannot be told from what is ours. */
async function requireEmpty(trx: Knex.Transaction): Promise<void> {
	const { rows } = await trx.raw<{ rows: { name: string }[] }>(
		`select relname as name from pg_class
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f') order by 1 limit 1`,
	);
	if (rows[0] === undefined) return;
	throw new BackupError(
		`this database is not empty (it has ${rows[0].name}), and a restore overwrites nothing; name a new database in DATABASE_URL, or a new directory in DATA_DIR`,
	);
}

/** Those of the backup and no more, as rows fit the schema they were read from. */
async function migrateTo(trx: Knex.Transaction, { migrations }: Opening): Promise<void> {
	const known = new Set(await migrationSource.getMigrations([]));
	const unknown = migrations.filter((name) => !known.has(name));
	if (unknown.length > 0) {
		throw new BackupError(
			`the backup is of a newer Rockpool: this one lacks ${unknown.join(", ")}; restore with the version that made it`,
		);
	}
	const wanted = new Set(migrations);
	const source: Knex.MigrationSource<string> = {
		...migrationSource,
		getMigrations: async (extensions) =>
			(await migrationSource.getMigrations(extensions)).filter((name) => wanted.has(name)),
	};
	await trx.migrate.latest({ migrationSource: source });
	if ((await listMigrations(trx)).length !== migrations.length) {
		throw new BackupError("the schema of the backup could not be made");
	}
}

async function loadTable(
	trx: Knex.Transaction,
	shape: TableShape | undefined,
	{ name, columns }: TableShape,
	rows: AsyncIterable<Buffer>,
): Promise<number> {
	if (shape === undefined || shape.columns.toSorted().join() !== columns.toSorted().join()) {
		throw new BackupError(`table ${name} of the backup is not what the migrations of this program make`);
	}
	// What triggers would do was done when the rows were first written. The tables are this transaction's own.
	await trx.raw("alter table ?? disable trigger user", [name]);
	await trx.raw("delete from ??", [name]);
	const sql = `copy ${quoteNames([name])} (${quoteNames(columns)}) from stdin`;
	const copy = await submitCopy(trx, copyFrom(sql));
	await pipeline(rows, copy);
	await trx.raw("alter table ?? enable trigger user", [name]);
	return copy.rowCount;
}

/** The books add up, and every day of theirs can be reckoned on this server. */
async function requireConsistent(trx: Knex.Transaction): Promise<void> {
	const { rows } = await trx.raw<{ rows: unknown[] }>("select * from violations limit 10");
	if (rows.length > 0) {
		throw new BackupError(`the restored ledger does not add up: ${JSON.stringify(rows)}`);
	}
	const { rows: zones } = await trx.raw<{ rows: { zone: string }[] }>(
		`select distinct zone from ledger_accounts where zone not in (select name from pg_timezone_names) limit 10`,
	);
	if (zones.length > 0) {
		const names = zones.map(({ zone }) => zone).join(", ");
		throw new BackupError(`this PostgreSQL does not know the time zones ${names}; update its time zone data`);
	}
}
