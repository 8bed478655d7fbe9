import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { createDb } from "../../../core/db/connect.ts";
import { createTestDb } from "../../../core/testing/create-test-db.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { createRandom } from "../prove-options.ts";
import type { ScratchCluster } from "../testing/scratch-cluster.ts";
import { createScratchCluster } from "../testing/scratch-cluster.ts";
import type { Vendor } from "./vendor.ts";
import { admitVendor, startVendor } from "./vendor.ts";

/** A database, Telegram with one bot and a vendor who echoes numbers; they outlive the nodes between them. */
export type FlowWorld = {
	readonly db: Knex;
	readonly telegram: FakeTelegram;
	readonly bot: FakeBot;
	readonly vendor: Vendor;
	readonly random: () => number;
	readonly directory: string;
	/** Undefined where the database is one of the test run's server. */
	readonly cluster: ScratchCluster | undefined;
	/** Of a node of the whole program. */
	env(number: number | string): Readonly<Record<string, string>>;
	/** Where Telegram's next post to a path goes; undefined: nowhere. */
	balance(toUrl: (path: string) => string | undefined): void;
	/** One more bot; the world begins with one. */
	addBot(): FakeBot;
	/** Until Telegram has nothing to post and nothing is queued, under way or on its way; false when that takes longer. */
	settle(boundMs: number): Promise<boolean>;
	close(): Promise<void>;
};

export type FlowWorldOptions = {
	readonly seed: number;
	/** A server of its own, which may be killed, whatever the test run offers. */
	readonly needsCluster?: boolean;
	/** Over the product's settings of the server. */
	readonly settings?: Readonly<Record<string, string>>;
	readonly env?: Readonly<Record<string, string>>;
	/** Milliseconds between the two pieces of an answer. */
	readonly gapMs?: (random: () => number) => number;
	readonly botCanReadAll?: boolean;
};

/** Telegram posts to https only; the fake passes it on to a node, as a balancer would. */
const PUBLIC_URL = "https://rockpool.test";
const NOWHERE = "http://127.0.0.1:9";
/** Shorter than Telegram's pauses, which only cost time here. */
const RETRY_BASE_MS = 50;
const RETRY_MAX_MS = 400;

export async function createFlowWorld(options: FlowWorldOptions): Promise<FlowWorld> {
	const { seed, gapMs = () => 5 } = options;
	const undo: (() => Promise<unknown>)[] = [];
	const close = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const random = createRandom(seed);
		const directory = await mkdtemp(join(tmpdir(), "rockpool-prove-"));
		undo.push(async () => await rm(directory, { recursive: true, force: true }));
		const { url, cluster } = await openDatabase(options, undo);
		const db = createDb(url, { poolMax: 4, applicationName: "rockpool-prove" });
		undo.push(async () => await db.destroy());
		const vendor = await startVendor({ gapMs: () => gapMs(random) });
		undo.push(vendor.close);
		await admitVendor(db, vendor);
		let toUrl: (path: string) => string | undefined = () => undefined;
		const passOn = ({ pathname }: URL): string => toUrl(pathname) ?? NOWHERE;
		const telegram = await startFakeTelegram({ seed, httpsOnly: true, passOn });
		undo.push(telegram.close);
		const bots: FakeBot[] = [];
		const addBot = (): FakeBot => {
			const added = telegram.addBot({ username: `rock${bots.length}_bot` });
			bots.push(added);
			added.webhook.retryBaseMs = RETRY_BASE_MS;
			added.webhook.retryMaxMs = RETRY_MAX_MS;
			return added;
		};
		const bot = addBot();
		return {
			db,
			telegram,
			bot,
			vendor,
			random,
			directory,
			cluster,
			env: (number) => ({
				DATABASE_URL: url,
				DATA_DIR: directory,
				LOG_FILE: join(directory, `node-${number}.log`),
				NODE_COMPILE_CACHE: join(tmpdir(), "rockpool-prove-compiled"),
				TELEGRAM_BOT_TOKENS: bot.token,
				TELEGRAM_API_ROOT: telegram.url,
				TELEGRAM_MODE: "webhook",
				PUBLIC_URL,
				LEASE_TTL_MS: "5000",
				...options.env,
			}),
			balance(next) {
				toUrl = next;
			},
			addBot,
			settle: async (boundMs) => await settle(db, bots, boundMs),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

async function openDatabase(
	{ needsCluster = false, settings = {} }: FlowWorldOptions,
	undo: (() => Promise<unknown>)[],
): Promise<{ readonly url: string; readonly cluster: ScratchCluster | undefined }> {
	if (!needsCluster && process.env["TEST_DATABASE_TEMPLATE"] !== undefined) {
		const testDb = await createTestDb({ poolMax: 2 });
		undo.push(testDb.destroy);
		return { url: testDb.url, cluster: undefined };
	}
	const cluster = await createScratchCluster(settings);
	undo.push(cluster.destroy);
	return { url: cluster.url, cluster };
}

async function settle(db: Knex, bots: readonly FakeBot[], boundMs: number): Promise<boolean> {
	const isQuiet = async (): Promise<boolean> => {
		if (bots.some(({ updates }) => updates.pending().length > 0)) return false;
		const busy = await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane");
		return busy === undefined;
	};
	return await pollUntil(async () => await isQuiet().catch(() => false), boundMs).then(
		() => true,
		() => false,
	);
}
