import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { createDb } from "../../core/db/connect.ts";
import { listProcesses } from "../../core/instances/runtimes/process/processes.ts";
import { createFakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { createScratchDatabase } from "../bench/scratch-database.ts";
import type { Keyboard } from "./instance/keyboard.ts";
import { openKeyboard } from "./instance/keyboard.ts";
import type { Traces } from "./instance/remains.ts";
import { findRemains } from "./instance/remains.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";

const INSTALL_MS = 600_000;
const TURN_MS = 120_000;
const LATER_TURNS = 5;
const GONE_MS = 60_000;
/** Without root all run as we do, and no process could be told from another. */
const OWN_UID_MIN = 1_879_200_000;

/**
 * The program as it is started by hand: /instance create installs and starts a real OpenClaw, which answers over our gateway and
 * is charged under its own name; /instance stop and delete leave nothing of it behind. Needs the package registry, and root.
 */
export async function prove(_: ProveOptions): Promise<ProveResult> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-instance-"));
	await chmod(directory, 0o711);
	const scratch = await createScratchDatabase();
	const db = createDb(scratch.url, { poolMax: 2 });
	const vendor = await createFakeProviderServer();
	const word = `pebble-${randomBytes(6).toString("hex")}`;
	vendor.answerAlways({ kind: "text", pieces: [word.slice(0, 8), word.slice(8)] });
	const keyboard = openKeyboard({
		...{ DATABASE_URL: scratch.url, DATA_DIR: directory, PORT: "0", LOG_LEVEL: "warn" },
		CUSTOM_PROVIDER_BASE_URL: vendor.baseUrl("openai"),
		CUSTOM_PROVIDER_API_KEY: "sk-vendor",
		CUSTOM_PROVIDER_MODELS: "scripted",
		CUSTOM_PROVIDER_ALLOW_PRIVATE: "true",
		INSTANCES: "process",
		INSTANCE_WARM: "0",
	});
	const root = join(directory, "instances");
	try {
		const made = await create(keyboard, db);
		const turns = await talk(keyboard, word);
		const shown = await keyboard.say("/instance", /of memory/, TURN_MS);
		const traces = await findTraces(root);
		const usage = await keyboard.say("/usage", /Your own agent: ([\d,]+) tokens/, TURN_MS);
		const stopped = await end(keyboard, db, "stop", "stopped");
		const afterStop = (await findRemains(root, traces)).filter((one) => /^(process|port)/.test(one));
		const deleted = await end(keyboard, db, "delete", "gone");
		await db.raw("update instances set purge_at = now(), next_at = now(), wish = wish + 1");
		await pollUntil(async () => (await phaseOf(db)) === "purged", GONE_MS);
		const remains = await findRemains(root, traces);
		const books = await audit(db);
		const exitCode = await keyboard.leave();
		const faults = [
			...(traces.uids.length === 0 ? ["it had no user of its own"] : []),
			...afterStop.map((one) => `after stop: ${one}`),
			...remains.map((one) => `after delete: ${one}`),
			...books,
			...(exitCode === 0 ? [] : [`the program ended with ${exitCode}`]),
		];
		return {
			passed: faults.length === 0,
			figures: {
				...made,
				...turns,
				memoryMb: Number(/uses ([\d,]+) MB/.exec(shown.text)?.[1]?.replaceAll(",", "")),
				tokensCharged: Number(/Your own agent: ([\d,]+) tokens/.exec(usage.text)?.[1]?.replaceAll(",", "")),
				...{ stopMs: stopped, deleteMs: deleted, faults },
			},
		};
	} finally {
		await keyboard.leave();
		await endStrays(root);
		await db.destroy();
		await scratch.destroy();
		await vendor.close();
		await rm(directory, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** What is said in a pipe comes at the end of it, so the times are the table's. */
async function create(keyboard: Keyboard, db: Knex): Promise<Record<string, number>> {
	const startedMs = performance.now();
	const since = (): number => Math.round(performance.now() - startedMs);
	await keyboard.say("/instance create", /is being made/, TURN_MS);
	await pollUntil(async () => (await phaseOf(db)) === "starting", INSTALL_MS);
	const installMs = since();
	await pollUntil(async () => (await phaseOf(db)) === "ready", INSTALL_MS);
	const readyMs = since() - installMs;
	await keyboard.reads(/it is up, after/, TURN_MS);
	return { installMs, readyMs };
}

async function talk(keyboard: Keyboard, word: string): Promise<Record<string, unknown>> {
	const first = await keyboard.say("What is the word?", new RegExp(word), TURN_MS);
	const later: number[] = [];
	for (let turn = 0; turn < LATER_TURNS; turn += 1) {
		later.push((await keyboard.say(`And the word number ${turn}?`, new RegExp(word), TURN_MS)).ms);
	}
	return { firstTurnMs: first.ms, laterTurnsMs: later };
}

/** Asks for it, confirms, and waits until it came true. */
async function end(keyboard: Keyboard, db: Knex, verb: "stop" | "delete", phase: string): Promise<number> {
	const { text } = await keyboard.say(
		`/instance ${verb}`,
		new RegExp(`/instance ${verb} ([0-9a-z]{8})`),
		TURN_MS,
	);
	const token = new RegExp(`/instance ${verb} ([0-9a-z]{8})`).exec(text)?.[1] ?? "";
	const startedMs = performance.now();
	await keyboard.say(`/instance ${verb} ${token}`, /is being/, TURN_MS);
	await pollUntil(async () => (await phaseOf(db)) === phase, GONE_MS);
	return Math.round(performance.now() - startedMs);
}

async function phaseOf(db: Knex): Promise<string | undefined> {
	return (await db("instances").first("phase"))?.phase;
}

async function findTraces(root: string): Promise<Traces> {
	const uids = (await readdir(join(root, "users")).catch(() => [])).map(Number);
	const ports: number[] = [];
	for (const cell of await readdir(join(root, "cells"))) {
		const run = await readFile(join(root, "cells", cell, "run.json"), "utf8").catch(() => "{}");
		const { port } = JSON.parse(run) as { readonly port?: number };
		if (port !== undefined) ports.push(port);
	}
	return { uids, ports };
}

/** What it spent stands under its own name, its keys are gone, and the ledger agrees with itself. */
async function audit(db: Knex): Promise<readonly string[]> {
	const faults: string[] = [];
	const calls = await db("usage_log").where({ source: "instance" }).count<{ count: string }[]>().first();
	if (Number(calls?.count) < 1 + LATER_TURNS)
		faults.push(`${calls?.count} calls were charged under the instance`);
	const { rows } = await db.raw<{ rows: unknown[] }>("select * from violations");
	if (rows.length > 0) faults.push(`violations: ${JSON.stringify(rows.slice(0, 3))}`);
	const keys = await db("api_keys")
		.whereNotNull("instance_id")
		.whereNull("revoked_at")
		.count<{ count: string }[]>()
		.first();
	if (Number(keys?.count) > 0) faults.push("a key of the instance is still good");
	return faults;
}

/** Whatever went wrong: nothing of ours goes on running. */
async function endStrays(root: string): Promise<void> {
	const uids = new Set((await readdir(join(root, "users")).catch(() => [])).map(Number));
	for (const { pid, uid } of await listProcesses()) {
		if (uid >= OWN_UID_MIN && uids.has(uid)) process.kill(pid, "SIGKILL");
	}
}
