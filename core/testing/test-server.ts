import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedPostgres } from "../db/embedded-postgres.ts";
import { startEmbeddedPostgres } from "../db/embedded-postgres.ts";

const PREFIX = "rockpool-test-";
/** Directories of ours older than this are left over from runs that were killed. */
const LEFTOVER_AGE_MS = 6 * 3_600_000;

let running: { readonly directory: string; readonly server: EmbeddedPostgres } | undefined;

/** An embedded PostgreSQL of this run, with the settings of the product. Answers its URL. */
export async function startTestServer(): Promise<string> {
	await dropLeftovers();
	const directory = await mkdtemp(join(tmpdir(), PREFIX));
	// as root the server runs as another user, who must get there
	await chmod(directory, 0o755);
	const server = await startEmbeddedPostgres({ dataDir: join(directory, "postgres") });
	running = { directory, server };
	return server.url;
}

export async function stopTestServer(): Promise<void> {
	if (running === undefined) return;
	await running.server.stop();
	await rm(running.directory, { recursive: true, force: true });
	running = undefined;
}

async function dropLeftovers(): Promise<void> {
	for (const name of await readdir(tmpdir())) {
		if (!name.startsWith(PREFIX)) continue;
		const path = join(tmpdir(), name);
		const about = await stat(path).catch(() => undefined);
		if (about === undefined || Date.now() - about.mtimeMs < LEFTOVER_AGE_MS) continue;
		// another user's is not ours to remove
		await rm(path, { recursive: true, force: true }).catch(() => undefined);
	}
}
