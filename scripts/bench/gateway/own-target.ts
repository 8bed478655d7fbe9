import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../core/config.ts";
import { createDb } from "../../../core/db/connect.ts";
import { createScrubber } from "../../../core/log/scrubber.ts";
import { createLog } from "../../../core/log.ts";
import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { ensureKeyRing } from "../../../core/secrets/key-files.ts";
import type { App } from "../../compose.ts";
import { composeApp } from "../../compose.ts";
import { serve } from "../pipeline/serve.ts";

/** What lives in memory once the garbage is gone. */
export type OwnMemory = { readonly liveBytes: number };

/** More than any bench asks of one key. */
const LIMITS = { GATEWAY_REQUESTS_PER_MINUTE: "100000000", GATEWAY_CONCURRENCY: "1000000" } as const;

let app: App | undefined;
let dataDir: string | undefined;
let db: ReturnType<typeof createDb> | undefined;

/** The whole program as `npm start` composes it, without a bot: every check, reservation and settlement on. */
async function start({ databaseUrl }: { readonly databaseUrl: string }): Promise<{ port: number }> {
	const dir = await mkdtemp(join(tmpdir(), "rockpool-bench-"));
	dataDir = dir;
	const config = parseConfig({ ...LIMITS, DATABASE_URL: databaseUrl, DATA_DIR: dir, PORT: "0" });
	const scrubber = createScrubber(config.secrets);
	db = createDb(databaseUrl);
	app = await composeApp({
		config: { ...config, host: "127.0.0.1" },
		db,
		databaseUrl,
		secrets: createSecrets({
			db,
			readKeys: async () => await ensureKeyRing(config.kekPath),
			registerSecret: scrubber.registerSecret,
		}),
		log: createLog({ level: "warn", scrubber }),
	});
	return { port: app.address.port };
}

/** Needs --expose-gc; without it what is garbage counts too. */
function memory(): OwnMemory {
	globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return { liveBytes: heapUsed + external };
}

serve({ start, memory }, async () => {
	await app?.stop();
	await db?.destroy();
	if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});
