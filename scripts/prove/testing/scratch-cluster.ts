import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createDb } from "../../../core/db/connect.ts";
import type { EmbeddedPostgres } from "../../../core/db/embedded-postgres.ts";
import { startEmbeddedPostgres } from "../../../core/db/embedded-postgres.ts";
import { migrate } from "../../../core/db/migrations.ts";

/** A PostgreSQL of the proof's own with the product's settings, migrated, which may be killed and comes back under the same URL. */
export type ScratchCluster = {
	readonly url: string;
	/** SIGKILL for every process of the server at once: what was not on the disk is gone. */
	kill(): Promise<void>;
	/** After `kill`: recovers and takes connections again. */
	restart(): Promise<void>;
	destroy(): Promise<void>;
};

const run = promisify(execFile);
/** Below the ports a system gives to outgoing connections, so that none of them takes ours while the server is down. */
const PORT_MIN = 15_000;
const PORTS = 15_000;
const PORT_TRIES = 50;

/** settings: over the product's own, such as fsync; for mutants. */
export async function createScratchCluster(
	settings: Readonly<Record<string, string>> = {},
): Promise<ScratchCluster> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-prove-"));
	// As root the server runs as another user, who must get there.
	await chmod(directory, 0o755);
	const options = {
		dataDir: join(directory, "postgres"),
		settings: { ...settings, port: String(await findQuietPort()) },
	};
	let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
	const destroy = async (): Promise<void> => {
		await server.stop();
		await rm(directory, { recursive: true, force: true });
	};
	const db = createDb(server.url, { poolMax: 2 });
	try {
		await migrate(db);
	} catch (error) {
		await destroy();
		throw error;
	} finally {
		await db.destroy();
	}
	return {
		url: server.url,
		kill: async () => await killFamily(server.pid),
		async restart() {
			const before = server;
			server = await startEmbeddedPostgres(options);
			await before.stop();
		},
		destroy,
	};
}

/** The parent first, so that it cannot start another child. */
async function killFamily(pid: number): Promise<void> {
	const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
	const children = stdout
		.split("\n")
		.map((line) => line.trim().split(/\s+/).map(Number))
		.filter(([, parent]) => parent === pid)
		.map(([child = 0]) => child);
	for (const one of [pid, ...children]) {
		try {
			process.kill(one, "SIGKILL");
		} catch {
			// gone by itself
		}
	}
}

async function findQuietPort(): Promise<number> {
	for (let tries = 0; tries < PORT_TRIES; tries += 1) {
		const port = PORT_MIN + Math.trunc(Math.random() * PORTS);
		if (await isFree(port)) return port;
	}
	throw new Error("no port is free on 127.0.0.1");
}

async function isFree(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve(true)));
	});
}
