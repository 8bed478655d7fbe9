import { readdir } from "node:fs/promises";
import type { Knex } from "knex";
import knex from "knex";
import type { PgConnection } from "./connect.ts";

/** One key for everything that changes the schema of a database. Any constant will do. */
export const MIGRATION_LOCK = 7_462_301_155;
/** A node that boots while another migrates waits at most this long. */
const WAIT_MAX_MS = 120_000;
/** One statement of a migration may run this long; a lock of a running node is waited for less. */
const STATEMENT_TIMEOUT_MS = 600_000;
const LOCK_TIMEOUT_MS = 15_000;

const directory = new URL("../../migrations/", import.meta.url);

/** Names carry no extension, so that a table of applied migrations outlives a change of file type. */
export const migrationSource: Knex.MigrationSource<string> = {
	async getMigrations() {
		const files = await readdir(directory);
		return files
			.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
			.map((file) => file.slice(0, -".ts".length))
			.sort();
	},
	getMigrationName: (name) => name,
	getMigration: async (name) => (await import(new URL(`${name}.ts`, directory).href)) as Knex.Migration,
};

/**
 * Brings the database up to date and answers the names that ran. Any number of nodes may call it at once: one works, the
 * others wait for it. Statements run under longer time-outs than those of `db`, on connections of their own.
 *
 * @throws when the lock is not free within `waitMaxMs`, or when a migration fails (it is rolled back then).
 */
export async function migrate(
	db: Knex,
	options: { readonly waitMaxMs?: number } = {},
): Promise<readonly string[]> {
	return await underMigrationLock(db, options.waitMaxMs ?? WAIT_MAX_MS, async (migrator) => {
		const [, names] = (await migrator.latest()) as [number, string[]];
		return names;
	});
}

/** Takes the newest batch back, or with `all` every migration. For development and tests. */
export async function rollback(
	db: Knex,
	options: { readonly all?: boolean } = {},
): Promise<readonly string[]> {
	return await underMigrationLock(db, WAIT_MAX_MS, async (migrator) => {
		const [, names] = (await migrator.rollback(undefined, options.all ?? false)) as [number, string[]];
		return names;
	});
}

/** Names of migrations this code has and the database has not. Empty means ready. */
export async function findPendingMigrations(db: Knex): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { found: boolean }[] }>(
		"select to_regclass('knex_migrations') is not null as found",
	);
	const applied = rows[0]?.found === true ? await db<{ name: string }>("knex_migrations").pluck("name") : [];
	const done = new Set<string>(applied);
	return (await migrationSource.getMigrations([])).filter((name) => !done.has(name));
}

/**
 * A session lock on a connection of its own: it goes when the holder dies, so no crash can leave it behind. knex's own lock
 * is a row, which a crash does leave behind; under ours it is always safe to free.
 */
async function underMigrationLock<Result>(
	db: Knex,
	waitMaxMs: number,
	work: (migrator: Knex.Migrator) => Promise<Result>,
): Promise<Result> {
	const own = knex(toMigrationConfig(db));
	try {
		const holder: unknown = await own.client.acquireConnection();
		try {
			await takeLock(own, holder, waitMaxMs);
			await own.migrate.forceFreeMigrationsLock();
			return await work(own.migrate);
		} finally {
			await own
				.raw("select pg_advisory_unlock_all()")
				.connection(holder)
				.catch(() => undefined);
			await own.client.releaseConnection(holder);
		}
	} finally {
		await own.destroy();
	}
}

async function takeLock(own: Knex, holder: unknown, waitMaxMs: number): Promise<void> {
	await own.raw(`set lock_timeout = ${Math.max(1, Math.trunc(waitMaxMs))}`).connection(holder);
	try {
		await own.raw("select pg_advisory_lock(?)", [MIGRATION_LOCK]).connection(holder);
	} catch (error) {
		throw new Error(`another process holds the migration lock for more than ${waitMaxMs} ms`, {
			cause: error,
		});
	}
}

function toMigrationConfig(db: Knex): Knex.Config {
	const config = db.client.config as Knex.Config;
	const connection: PgConnection = {
		...(config.connection as PgConnection),
		application_name: "rockpool-migrate",
		statement_timeout: STATEMENT_TIMEOUT_MS,
		lock_timeout: LOCK_TIMEOUT_MS,
	};
	return {
		...config,
		connection,
		pool: { min: 0, max: 2 },
		migrations: { migrationSource },
	};
}
