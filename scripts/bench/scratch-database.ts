import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { createDb } from "../../core/db/connect.ts";
import { startEmbeddedPostgres } from "../../core/db/embedded-postgres.ts";
import { migrate } from "../../core/db/migrations.ts";
import { dropDatabase } from "../../core/testing/drop-database.ts";

export type ScratchDatabase = {
	readonly url: string;
	/** Drops it, and the server with it when it was made for it. */
	destroy(): Promise<void>;
};

/**
 * A migrated, empty database to measure on: on the given server (whose user must be allowed to create one; DATABASE_URL names it),
 * else on an embedded PostgreSQL of its own with the settings of the product.
 */
export async function createScratchDatabase(
	{ serverUrl }: { readonly serverUrl: string | undefined } = { serverUrl: process.env["DATABASE_URL"] },
): Promise<ScratchDatabase> {
	const scratch = serverUrl === undefined ? await embed() : await createOn(serverUrl);
	const db = createDb(scratch.url, { poolMax: 2 });
	try {
		await migrate(db);
	} catch (error) {
		await scratch.destroy();
		throw error;
	} finally {
		await db.destroy();
	}
	return scratch;
}

async function embed(): Promise<ScratchDatabase> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-bench-"));
	// As root the server runs as another user, who keeps its data elsewhere if he cannot come in here.
	await chmod(directory, 0o755);
	const server = await startEmbeddedPostgres({ dataDir: join(directory, "postgres") });
	return {
		url: server.url,
		destroy: async () => {
			await server.stop();
			await rm(directory, { recursive: true, force: true });
		},
	};
}

async function createOn(serverUrl: string): Promise<ScratchDatabase> {
	const name = `rockpool_bench_${randomBytes(6).toString("hex")}`;
	await onServer(serverUrl, async (server) => void (await server.raw("create database ??", [name])));
	const url = new URL(serverUrl);
	url.pathname = `/${name}`;
	return {
		url: url.href,
		destroy: async () => await onServer(serverUrl, async (server) => await dropDatabase(server, name)),
	};
}

async function onServer(serverUrl: string, work: (server: Knex) => Promise<void>): Promise<void> {
	const server = createDb(serverUrl, { poolMax: 2 });
	try {
		await work(server);
	} finally {
		await server.destroy();
	}
}
