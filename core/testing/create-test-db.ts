import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { createDb } from "../db/connect.ts";
import { dropDatabase } from "./drop-database.ts";
import { withDatabase } from "./test-template.ts";

export type TestDb = {
	readonly db: Knex;
	readonly url: string;
	/** Closes the pool and drops the database, whoever else is connected. */
	destroy(): Promise<void>;
};

/**
 * A migrated database of the caller's own, copied from the run's template (made in global-setup.ts) on the embedded
 * PostgreSQL, or on the server TEST_DATABASE_URL names.
 */
export async function createTestDb(options: { readonly poolMax?: number } = {}): Promise<TestDb> {
	const serverUrl = process.env["TEST_DATABASE_URL"];
	const template = process.env["TEST_DATABASE_TEMPLATE"];
	if (serverUrl === undefined || template === undefined)
		throw new Error("createTestDb works under jest only");
	const name = `rockpool_test_${Math.trunc(Date.now() / 1000)}_${randomBytes(6).toString("hex")}`;
	await onServer(serverUrl, async (server) => {
		await server.raw("create database ?? template ??", [name, template]);
	});
	const url = withDatabase(serverUrl, name);
	const db = createDb(url, { poolMax: options.poolMax ?? 8, applicationName: "rockpool-test" });
	return {
		db,
		url,
		destroy: async () => {
			await db.destroy();
			await onServer(serverUrl, async (server) => await dropDatabase(server, name));
		},
	};
}

async function onServer(url: string, work: (server: Knex) => Promise<void>): Promise<void> {
	const server = createDb(url, { poolMax: 2, applicationName: "rockpool-test" });
	try {
		await work(server);
	} finally {
		await server.destroy();
	}
}
