import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import type { Knex } from "knex";
import type { FakeBot, FakeTelegram } from "../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../bots/telegram/testing/fake-telegram.ts";
import { createTestDb } from "../../core/testing/create-test-db.ts";
import type { FakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { findTestRedisUrl } from "../../core/testing/test-redis.ts";
import type { Node } from "../compose/boot-node.ts";
import { bootNode } from "../compose/boot-node.ts";
import { findDayZone } from "../whole-system/testing/find-day-zone.ts";

export type UpdateMode = "polling" | "webhook";

export const UPDATE_MODES: readonly UpdateMode[] = ["polling", "webhook"];

export type WorldOptions = {
	readonly mode?: UpdateMode;
	/** Bots of the one program; each has a token of its own. */
	readonly botCount?: number;
	/** Who answers: `model`, or `vendor` where a test paces or breaks the answer. */
	readonly answeredBy?: "model" | "vendor";
	/** Made of the bots, since staff is named by bot and person. */
	readonly env?: (bots: readonly FakeBot[]) => Readonly<Record<string, string>>;
};

/** The whole program over a database of its own, with Telegram on one side and a model vendor on the other. */
export type World = {
	readonly db: Knex;
	readonly telegram: FakeTelegram;
	readonly bot: FakeBot;
	readonly bots: readonly FakeBot[];
	/** Answers what its fixtures say; what none fits gets 404, as an unknown model does. */
	readonly model: LLMock;
	/** Answers as slowly and as badly as it is told to, and sees when its caller leaves. */
	readonly vendor: FakeProviderServer;
	/** Of the HTTP listener, without a slash at the end; another one after a restart. */
	readonly url: string;
	/** Every line logged so far. */
	readLog(): Promise<string>;
	/** Ends the node as a deployment does, runs `meanwhile`, and boots another one over the same database and directory. */
	restart(meanwhile?: () => Promise<void>): Promise<void>;
	/** Until nothing is queued, under way or on its way. */
	settle(): Promise<void>;
	stop(): Promise<void>;
};

/** https and port 443 as Telegram wants it; the fake's proxy leads to the listener. */
const PUBLIC_URL = "https://rockpool.test";
const NOWHERE = "http://127.0.0.1:9";

/** Boots a node just as `npm start` does, from nothing but an environment. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
	const { mode = "polling", botCount = 1, answeredBy = "model" } = options;
	const undo: (() => Promise<unknown>)[] = [];
	const stop = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const testDb = await createTestDb();
		undo.push(testDb.destroy);
		const dataDir = await mkdtemp(join(tmpdir(), "rockpool-end-to-end-"));
		undo.push(async () => await rm(dataDir, { recursive: true, force: true }));
		const model = new LLMock({ host: "127.0.0.1", port: 0 });
		await model.start();
		undo.push(async () => await model.stop());
		const vendor = await createFakeProviderServer();
		undo.push(vendor.close);
		let url = NOWHERE;
		const telegram = await startFakeTelegram({ seed: 11, httpsOnly: true, passOn: () => url });
		undo.push(telegram.close);
		const bots = Array.from({ length: botCount }, (_, at) => addBot(telegram, at));
		const logFile = join(dataDir, "rockpool.log");
		const redisUrl = findTestRedisUrl();
		const env = {
			DATABASE_URL: testDb.url,
			DATA_DIR: dataDir,
			LOG_FILE: logFile,
			PORT: "0",
			INSTANCES: "off",
			TELEGRAM_BOT_TOKENS: bots.map(({ token }) => token).join(),
			TELEGRAM_API_ROOT: telegram.url,
			TELEGRAM_MODE: mode,
			PUBLIC_URL,
			CUSTOM_PROVIDER_BASE_URL: answeredBy === "model" ? `${model.url}/v1` : vendor.baseUrl("openai"),
			CUSTOM_PROVIDER_ALLOW_PRIVATE: "true",
			CUSTOM_PROVIDER_MODELS: "aimock",
			SUPPORT_URL: "https://rockpool.test/help",
			ZONE_DEFAULT: findDayZone(),
			...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
			...options.env?.(bots),
		};
		let node: Node | undefined;
		const boot = async (): Promise<void> => {
			node = await bootNode(env, () => undefined);
			url = `http://${node.app.address.host}:${node.app.address.port}`;
			await node.app.telegramReady;
		};
		undo.push(async () => await node?.stop());
		await boot();
		return {
			db: testDb.db,
			telegram,
			bot: bots[0] as FakeBot,
			bots,
			model,
			vendor,
			get url() {
				return url;
			},
			readLog: async () => await readFile(logFile, "utf8"),
			async restart(meanwhile) {
				await node?.stop();
				node = undefined;
				url = NOWHERE;
				await meanwhile?.();
				await boot();
			},
			settle: async () => await settle(testDb.db),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function addBot(telegram: FakeTelegram, at: number): FakeBot {
	const bot = telegram.addBot({ username: `rock${at}_bot` });
	bot.webhook.retryBaseMs = 10;
	bot.webhook.retryMaxMs = 50;
	return bot;
}

async function settle(db: Knex): Promise<void> {
	await pollUntil(async () => {
		const busy = await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane");
		return busy === undefined;
	});
}
