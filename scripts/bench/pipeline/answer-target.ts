import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivePath, deriveSecret } from "../../../bots/telegram/ingress/webhook-secret.ts";
import { parseConfig } from "../../../core/config.ts";
import { createDb } from "../../../core/db/connect.ts";
import { createScrubber } from "../../../core/log/scrubber.ts";
import { createLog } from "../../../core/log.ts";
import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { ensureKeyRing } from "../../../core/secrets/key-files.ts";
import type { App } from "../../compose.ts";
import { composeApp } from "../../compose.ts";
import { serve } from "./serve.ts";

export type AnswerTargetStart = {
	readonly databaseUrl: string;
	readonly apiRoot: string;
	readonly token: string;
};

/** Where its webhook is. */
export type AnswerTargetHook = { readonly port: number; readonly path: string; readonly secret: string };

/** Since the last time it was asked. */
export type AnswerTargetUse = {
	readonly cpuMs: number;
	/** Share of the time its event loop had something to do. */
	readonly busy: number;
};

let app: App | undefined;
let dataDir: string | undefined;
let db: ReturnType<typeof createDb> | undefined;
let cpu = process.cpuUsage();
let loop = performance.eventLoopUtilization();

/** The whole program, composed as `npm start` does, with a webhook that the fake Telegram can reach. */
async function start({ databaseUrl, apiRoot, token }: AnswerTargetStart): Promise<AnswerTargetHook> {
	const webhookSecret = randomBytes(32).toString("base64url");
	const botId = token.split(":")[0] ?? "";
	const port = await findFreePort();
	const dir = await mkdtemp(join(tmpdir(), "rockpool-bench-"));
	dataDir = dir;
	const env = {
		DATABASE_URL: databaseUrl,
		DATA_DIR: dir,
		PORT: String(port),
		TELEGRAM_BOT_TOKENS: token,
		TELEGRAM_API_ROOT: apiRoot,
		TELEGRAM_WEBHOOK_SECRET: webhookSecret,
		BIND_PEPPER: randomBytes(32).toString("base64url"),
	};
	const config = parseConfig(env);
	const scrubber = createScrubber(config.secrets);
	db = createDb(databaseUrl);
	app = await composeApp({
		// Real Telegram posts to https only, the fake one is on this machine.
		config: {
			...config,
			publicUrl: `http://127.0.0.1:${port}`,
			telegram: { ...config.telegram, mode: "webhook" },
		},
		db,
		databaseUrl,
		secrets: createSecrets({
			db,
			readKeys: async () => await ensureKeyRing(config.kekPath),
			registerSecret: scrubber.registerSecret,
		}),
		log: createLog({ level: "warn", scrubber }),
	});
	await app.telegramReady;
	return { port, path: derivePath(webhookSecret, botId), secret: deriveSecret(webhookSecret, botId) };
}

function use(): AnswerTargetUse {
	const { user, system } = process.cpuUsage(cpu);
	const { utilization } = performance.eventLoopUtilization(loop);
	cpu = process.cpuUsage();
	loop = performance.eventLoopUtilization();
	return { cpuMs: (user + system) / 1_000, busy: utilization };
}

async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

serve({ start, use }, async () => {
	await app?.stop();
	await db?.destroy();
	if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});
