import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Knex } from "knex";
import { createDb } from "../db/connect.ts";
import { migrate } from "../db/migrations.ts";
import { dropDatabase } from "./drop-database.ts";

const directory = new URL("../../migrations/", import.meta.url);
const TEMPLATE_LOCK = 7_462_301_156;
/** Databases of ours older than this are left over from runs that were killed. */
const LEFTOVER_AGE_S = 6 * 3600;

/** The same server and path with another database. */
export function withDatabase(url: string, database: string): string {
	const changed = new URL(url);
	changed.pathname = `/${database}`;
	return changed.href;
}

/**
 * Makes the migrated database that every test database is copied from, and answers its name. The name carries a hash of the
 * migrations, so runs in parallel share it and a changed migration makes a new one.
 */
export async function prepareTemplate(serverUrl: string): Promise<string> {
	const name = `rockpool_template_${await hashMigrations()}`;
	const server = createDb(serverUrl, { poolMax: 2, applicationName: "rockpool-test" });
	try {
		await server.transaction(async (trx) => {
			// Held on this connection only: creating a database is not allowed in a transaction, so others do the work.
			await trx.raw("set local idle_in_transaction_session_timeout = 0");
			await trx.raw("set local statement_timeout = '180s'");
			await trx.raw("select pg_advisory_xact_lock(?)", [TEMPLATE_LOCK]);
			await dropLeftovers(server, name);
			if (!(await hasDatabase(server, name))) await buildTemplate(server, serverUrl, name);
			await server.raw(`comment on database ?? is '${Math.trunc(Date.now() / 1000)}'`, [name]);
		});
	} finally {
		await server.destroy();
	}
	return name;
}

/** Renamed when it is complete: a template that exists is a template that can be used. */
async function buildTemplate(server: Knex, serverUrl: string, name: string): Promise<void> {
	const draft = `${name}_draft`;
	await dropDatabase(server, draft);
	await server.raw("create database ?? template template0", [draft]);
	const db = createDb(withDatabase(serverUrl, draft), { poolMax: 2 });
	try {
		await migrate(db);
	} finally {
		await db.destroy();
	}
	await server.raw("alter database ?? with allow_connections false", [draft]);
	await server.raw("alter database ?? rename to ??", [draft, name]);
}

async function hasDatabase(server: Knex, name: string): Promise<boolean> {
	return (await server("pg_database").where({ datname: name }).first("oid")) !== undefined;
}

/** When a test database was made stands in its name, when a template was last used in its comment. In seconds since 1970. */
async function dropLeftovers(server: Knex, template: string): Promise<void> {
	const { rows } = await server.raw<{ rows: { name: string }[] }>(
		`with ours as (
			select datname as name,
				coalesce(substring(datname from '^rockpool_test_([0-9]+)_'), shobj_description(oid, 'pg_database'), '0') as seconds
			from pg_database
			where datname ~ '^rockpool_(test_[0-9]+_|template_)' and datname <> ?
		)
		select name from ours where seconds::bigint < extract(epoch from now()) - ?`,
		[template, LEFTOVER_AGE_S],
	);
	for (const { name } of rows) await dropDatabase(server, name);
}

async function hashMigrations(): Promise<string> {
	const hash = createHash("sha256");
	for (const file of (await readdir(directory)).sort()) {
		hash.update(file).update(await readFile(new URL(file, directory)));
	}
	return hash.digest("hex").slice(0, 16);
}
