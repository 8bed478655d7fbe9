import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { derivePath, deriveSecret } from "../../../bots/telegram/ingress/webhook-secret.ts";
import { createDb } from "../../../core/db/connect.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { AppNode } from "../../prove/testing/start-app-node.ts";
import { startAppNode } from "../../prove/testing/start-app-node.ts";
import type { Child } from "../pipeline/child.ts";
import { startChild } from "../pipeline/child.ts";
import { findCpuMs, findMachineMs, findServerPid } from "../pipeline/cores.ts";
import type { UpdateTarget } from "../pipeline/update-request.ts";
import { createScratchDatabase } from "../scratch-database.ts";

export type AckWorldOptions = {
	readonly nodes: number;
	readonly chats: number;
	/** Flags of Node for our nodes. */
	readonly nodeFlags: readonly string[];
};

/** Milliseconds of processor time so far: of ours, of the fakes and the driver, and of everything on this machine. */
export type AckUse = Readonly<Record<"nodes" | "server" | "others" | "machine", number>>;

/** Whole nodes over one PostgreSQL, Telegram, a vendor and who posts: a process each, on whatever core is free. */
export type AckWorld = {
	readonly db: Knex;
	readonly crowd: Child;
	readonly driver: Child;
	/** The webhook of each node. */
	readonly targets: readonly UpdateTarget[];
	/** Until nothing is queued or under way. @throws Error when that takes longer than `boundMs` */
	settle(boundMs: number): Promise<void>;
	used(): Promise<AckUse>;
	close(): Promise<void>;
};

const TOKEN = "7000000003:AAbench-xxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const DAILY_TOKENS = 1_000_000;
const SETTLE_STEP_MS = 200;

export async function openAckWorld({ nodes, chats, nodeFlags }: AckWorldOptions): Promise<AckWorld> {
	const undo: (() => Promise<unknown>)[] = [];
	const close = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	const addChild = (name: string): Child => {
		const child = startChild(name);
		undo.push(child.stop);
		return child;
	};
	try {
		const scratch = await createScratchDatabase();
		undo.push(scratch.destroy);
		const db = createDb(scratch.url, { poolMax: 2 });
		undo.push(async () => await db.destroy());
		const directory = await mkdtemp(join(tmpdir(), "rockpool-bench-"));
		undo.push(async () => await rm(directory, { recursive: true, force: true }));
		const [crowd, provider, driver] = [
			addChild("../ack/crowd"),
			addChild("provider"),
			addChild("../ack/driver"),
		];
		const { apiRoot } = await crowd.call<{ apiRoot: string }>("start", { token: TOKEN, chats });
		await addVendor(db, (await provider.call<{ baseUrl: string }>("start")).baseUrl);
		const master = randomBytes(32).toString("base64url");
		const env = toEnv({ databaseUrl: scratch.url, directory, apiRoot, master });
		const running: AppNode[] = [];
		const targets: UpdateTarget[] = [];
		for (let at = 0; at < nodes; at += 1) {
			const node = startAppNode({ env, flags: nodeFlags });
			undo.push(node.stop);
			running.push(node);
			targets.push({ port: (await node.ready).port, ...toHook(master) });
		}
		const serverPid = (await findServerPid(db)) ?? 0;
		const sum = async (pids: readonly number[]): Promise<number> =>
			(await Promise.all(pids.map(findCpuMs))).reduce((all, ms) => all + ms, 0);
		return {
			db,
			crowd,
			driver,
			targets,
			settle: async (boundMs) => await pollUntil(async () => await isQuiet(db), boundMs),
			used: async () => ({
				nodes: await sum(running.map(({ pid }) => pid)),
				server: await sum([serverPid]),
				others: await sum([crowd.pid, provider.pid, driver.pid]),
				machine: await findMachineMs(),
			}),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

type EnvOptions = {
	readonly databaseUrl: string;
	readonly directory: string;
	readonly apiRoot: string;
	readonly master: string;
};

/** The same for every node, as one deployment has it. */
function toEnv({ databaseUrl, directory, apiRoot, master }: EnvOptions): Readonly<Record<string, string>> {
	return {
		DATABASE_URL: databaseUrl,
		DATA_DIR: directory,
		LOG_LEVEL: "warn",
		LOG_FILE: join(directory, "nodes.log"),
		TELEGRAM_BOT_TOKENS: TOKEN,
		TELEGRAM_API_ROOT: apiRoot,
		TELEGRAM_MODE: "webhook",
		TELEGRAM_WEBHOOK_SECRET: master,
		// Real Telegram posts to https only; here nobody posts but the driver.
		PUBLIC_URL: "https://rockpool.test",
		BIND_PEPPER: randomBytes(32).toString("base64url"),
	};
}

function toHook(master: string): Pick<UpdateTarget, "path" | "secret"> {
	const botId = TOKEN.split(":")[0] ?? "";
	return { path: derivePath(master, botId), secret: deriveSecret(master, botId) };
}

/** Looks now and then only: whoever looks all the time is load as well. */
async function isQuiet(db: Knex): Promise<boolean> {
	await sleep(SETTLE_STEP_MS);
	return (await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane")) === undefined;
}

/** A vendor without limits of its own, as an admin would add one, and a day that is long enough for all the questions. */
async function addVendor(db: Knex, baseUrl: string): Promise<void> {
	await db.raw(
		`insert into providers (id, dialect, base_url, region, allow_private_network, requests_per_minute, tokens_per_minute, concurrency)
		values ('bench', 'openai', ?, 'local', true, 100000000, 2000000000, 1000)`,
		[baseUrl],
	);
	await db.raw(
		`insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens, output_tokens_max)
		values ('bench', 'instant', 90, 0, 0, 100000, 4096)`,
	);
	await db("plans").update({ daily_tokens: DAILY_TOKENS });
}
