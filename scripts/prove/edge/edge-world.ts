import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { deriveSecret } from "../../../bots/telegram/ingress/webhook-secret.ts";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { createDb } from "../../../core/db/connect.ts";
import type { FakeProviderServer, FakeRequest } from "../../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { createScratchDatabase } from "../../bench/scratch-database.ts";
import { findDayZone } from "../../whole-system/testing/find-day-zone.ts";
import type { Memory } from "../testing/memory-probe.ts";
import { createMemoryProbe } from "../testing/memory-probe.ts";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";
import type { AppNode } from "../testing/start-app-node.ts";
import { startAppNode } from "../testing/start-app-node.ts";
import type { TcpProxy } from "../testing/tcp-proxy.ts";
import { startTcpProxy, throughProxy } from "../testing/tcp-proxy.ts";

export type EdgeWorldOptions = {
	readonly seed: number;
	/** Of the node, over the usual one. Made of what is known before it boots. */
	readonly env?: (known: KnownBeforeBoot) => Readonly<Record<string, string>>;
	/** Runs over the migrated database before the first node boots. */
	readonly prepare?: (known: KnownBeforeBoot) => Promise<void>;
	readonly bots?: readonly { readonly token: string }[];
	readonly edits?: readonly ModuleEdit[];
};

export type KnownBeforeBoot = {
	readonly db: Knex;
	readonly directory: string;
	readonly telegram: FakeTelegram;
	readonly bots: readonly FakeBot[];
	readonly vendor: FakeProviderServer;
};

/** One node as a process of its own with everything it talks to on this machine; the wire to its database can be cut. */
export type EdgeWorld = KnownBeforeBoot & {
	readonly bot: FakeBot;
	/** Between the node and PostgreSQL; `db` goes past it. */
	readonly wire: TcpProxy;
	readonly databaseUrl: string;
	/** The server is the world's own, with the program's own settings. */
	readonly hasServer: boolean;
	/** False for a test server that lets everybody in, whatever the password. */
	readonly asksPassword: boolean;
	/** All that the node was told. */
	readonly env: Readonly<Record<string, string>>;
	node(): AppNode;
	port(): number;
	/** What Telegram was told of a bot's webhook. */
	hookOf(bot: FakeBot): Hook;
	readMemory(): Promise<Memory>;
	/** Every line logged so far, of every node. */
	readLog(): Promise<string>;
	/** Ends the node as a deployment does and boots another one. */
	restart(meanwhile?: () => Promise<void>): Promise<void>;
	/** Until nothing is queued, under way or on its way. */
	settle(boundMs?: number): Promise<void>;
	stop(): Promise<void>;
};

export type Hook = { readonly path: string; readonly secret: string };

/** https, as Telegram wants it; the fake passes posts on to the node. */
const PUBLIC_URL = "https://rockpool.test";
export const WEBHOOK_SECRET = "x7Qm2Kc9Vt4Zr8Ns1Wd6Hy3Lf5Gj0Bp-_aEuIoTqXzAB";
const SETTLE_MS = 60_000;

export async function startEdgeWorld(options: EdgeWorldOptions): Promise<EdgeWorld> {
	const undo: (() => Promise<unknown>)[] = [];
	const stop = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const known = await startSurroundings(options, undo);
		const wire = await startTcpProxy(known.databaseUrl);
		undo.push(wire.close);
		await options.prepare?.(known);
		return await bootWorld(known, wire, options, undo, stop);
	} catch (error) {
		await stop();
		throw error;
	}
}

type Surroundings = KnownBeforeBoot & {
	readonly databaseUrl: string;
	readonly asksPassword: boolean;
	readonly hasServer: boolean;
	readonly hole: { port: number };
};

async function startSurroundings(
	{ seed, bots = [{ token: "7000000001:AAe2c9f1b7d3a8054c6e1f2b9d7a3c8e5f0" }] }: EdgeWorldOptions,
	undo: (() => Promise<unknown>)[],
): Promise<Surroundings> {
	// Under jest there is a server already.
	const serverUrl = process.env["DATABASE_URL"] ?? process.env["TEST_DATABASE_URL"];
	const scratch = await createScratchDatabase({ serverUrl });
	undo.push(scratch.destroy);
	const db = createDb(scratch.url, { applicationName: "rockpool-prove" });
	undo.push(async () => await db.destroy());
	const directory = await mkdtemp(join(tmpdir(), "rockpool-prove-"));
	undo.push(async () => await rm(directory, { recursive: true, force: true }));
	const vendor = await createFakeProviderServer();
	undo.push(vendor.close);
	vendor.answerAlways(echo);
	const hole = { port: 9 };
	const telegram = await startFakeTelegram({
		seed,
		httpsOnly: true,
		passOn: () => `http://127.0.0.1:${hole.port}`,
	});
	undo.push(telegram.close);
	const added = bots.map(({ token }) => {
		const bot = telegram.addBot({ token });
		bot.webhook.retryBaseMs = 20;
		bot.webhook.retryMaxMs = 200;
		return bot;
	});
	const databaseUrl = new URL(scratch.url);
	const asksPassword = databaseUrl.password !== "";
	// There is one to be kept secret all the same.
	if (!asksPassword) databaseUrl.password = randomBytes(24).toString("hex");
	return {
		...{ db, directory, telegram, bots: added, vendor, hole },
		...{ databaseUrl: databaseUrl.href, asksPassword, hasServer: serverUrl === undefined },
	};
}

/** Says what it was asked, and forgets it was asked. */
export function echo(request: FakeRequest) {
	const messages = (request.body["messages"] ?? []) as readonly { readonly content?: unknown }[];
	return { kind: "text", pieces: [`re: ${String(messages.at(-1)?.content)}`] } as const;
}

async function bootWorld(
	known: Surroundings,
	wire: TcpProxy,
	options: EdgeWorldOptions,
	undo: (() => Promise<unknown>)[],
	stop: () => Promise<void>,
): Promise<EdgeWorld> {
	const { db, directory, telegram, bots, vendor, databaseUrl, asksPassword, hasServer, hole } = known;
	const logFile = join(directory, "node.log");
	const probe = createMemoryProbe(directory);
	const mutant = toModuleMutant(options.edits ?? []);
	const env = {
		DATABASE_URL: throughProxy(databaseUrl, wire),
		DATA_DIR: directory,
		LOG_FILE: logFile,
		TELEGRAM_BOT_TOKENS: bots.map(({ token }) => token).join(),
		TELEGRAM_API_ROOT: telegram.url,
		TELEGRAM_MODE: "webhook",
		TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
		PUBLIC_URL,
		CUSTOM_PROVIDER_BASE_URL: vendor.baseUrl("openai"),
		CUSTOM_PROVIDER_ALLOW_PRIVATE: "true",
		CUSTOM_PROVIDER_MODELS: "echo",
		// So that every policy leads somewhere.
		CUSTOM_PROVIDER_REGION: "cn",
		SUPPORT_URL: "https://rockpool.test/help",
		ZONE_DEFAULT: findDayZone(),
		...probe.env,
		...mutant.env,
		...options.env?.(known),
	};
	let node: AppNode | undefined;
	const requireNode = (): AppNode => {
		if (node === undefined) throw new Error("there is no node now");
		return node;
	};
	const boot = async (): Promise<void> => {
		node = startAppNode({ env, flags: [...probe.flags, ...mutant.flags] });
		hole.port = (await node.ready).port;
	};
	const end = async (): Promise<void> => {
		await node?.stop();
		node = undefined;
		hole.port = 9;
	};
	undo.push(end);
	await boot();
	return {
		db,
		directory,
		telegram,
		bots,
		bot: bots[0] as FakeBot,
		vendor,
		wire,
		databaseUrl,
		asksPassword,
		hasServer,
		env,
		node: requireNode,
		port: () => hole.port,
		hookOf: (bot) => toHook(bot, env.TELEGRAM_WEBHOOK_SECRET),
		readMemory: async () => await probe.read(requireNode()),
		readLog: async () => await readFile(logFile, "utf8"),
		async restart(meanwhile) {
			await end();
			await meanwhile?.();
			await boot();
		},
		settle: async (boundMs = SETTLE_MS) => await settle(db, boundMs),
		stop,
	};
}

function toHook(bot: FakeBot, masters: string): Hook {
	const [master = ""] = masters.split(",");
	const { pathname } = new URL(String(bot.webhook.info()["url"]));
	return { path: pathname, secret: deriveSecret(master, String(bot.id)) };
}

async function settle(db: Knex, boundMs: number): Promise<void> {
	await pollUntil(async () => {
		const busy = await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane");
		return busy === undefined;
	}, boundMs);
}
