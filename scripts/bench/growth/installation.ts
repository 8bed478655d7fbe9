import type { Knex } from "knex";
import pg from "pg";
import { createDb } from "../../../core/db/connect.ts";
import { findServerPid } from "../pipeline/cores.ts";
import { createScratchDatabase } from "../scratch-database.ts";
import type { InstallationSize } from "./seed-installation.ts";
import { seedInstallation } from "./seed-installation.ts";

/** An installation of some size on a server of its own. */
export type Installation = {
	readonly url: string;
	readonly db: Knex;
	/** Accounts that write. */
	readonly active: readonly string[];
	/** undefined where it is on another machine. */
	readonly serverPid: number | undefined;
	/** Writes out what was changed, so that one's leftovers are not the other's work. */
	checkpoint(): Promise<void>;
	destroy(): Promise<void>;
};

/** Millions of rows take their time; the calls themselves take milliseconds. */
const SEED_TIMEOUT_MS = 900_000;

export async function openInstallation(size: InstallationSize): Promise<Installation> {
	const scratch = await createScratchDatabase();
	const db = createDb(scratch.url, { poolMax: 6, statementTimeoutMs: SEED_TIMEOUT_MS });
	const destroy = async (): Promise<void> => {
		await db.destroy();
		await scratch.destroy();
	};
	try {
		const active = await seedInstallation(db, size);
		return {
			url: scratch.url,
			db,
			active,
			serverPid: await findServerPid(db),
			checkpoint: async () => await checkpoint(scratch.url),
			destroy,
		};
	} catch (error) {
		await destroy();
		throw error;
	}
}

/** As the superuser of the embedded server, who has the same password; elsewhere it is left to the server. */
async function checkpoint(url: string): Promise<void> {
	const server = new URL(url);
	server.username = "postgres";
	const client = new pg.Client({ connectionString: server.href });
	try {
		await client.connect();
		await client.query("checkpoint");
	} catch {
		// not ours to ask for
	} finally {
		await client.end().catch(() => undefined);
	}
}
