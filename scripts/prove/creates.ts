import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CrashPoint } from "../../core/inbox/crash-point.ts";
import { listProcesses } from "../../core/instances/runtimes/process/processes.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { plantStub } from "../whole-system/instances/plant-stub.ts";
import { addPerson } from "../whole-system/testing/add-person.ts";
import { readCreated } from "./creates/read-created.ts";
import type { FlowWorld } from "./flow/flow-world.ts";
import { createFlowWorld } from "./flow/flow-world.ts";
import { findRemains } from "./instance/remains.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { toModuleMutant } from "./testing/module-mutant.ts";
import type { AppNode } from "./testing/start-app-node.ts";
import { startAppNode } from "./testing/start-app-node.ts";

/** Every step of a create, from the wish to an instance that is up. */
const POINTS: readonly CrashPoint[] = [
	"instance-stored",
	"instance-follow-stored",
	"after-checkpoint",
	"instance-before-create",
	"instance-after-create",
	"instance-after-configure",
	"instance-begun",
	"instance-after-start",
	"instance-before-up",
];
const SHORT_POINTS: readonly CrashPoint[] = ["instance-follow-stored", "instance-begun"];

/** Shorter than the program's: a dead node's look is taken over after it, which is waited for at most points. */
const QUICK_LEASES: readonly ModuleEdit[] = [
	{ file: "core/instances/reconciler.ts", from: "LEASE_MS = 90_000", to: "LEASE_MS = 16_000" },
	{ file: "core/instances/look.ts", from: "ACT_MS = 30_000", to: "ACT_MS = 3_000" },
];
const MUTANTS: Readonly<Record<string, ModuleEdit>> = {
	/** A command that is tried again tells once more. */
	"told-again": {
		file: "core/commands/instance/instance.ts",
		from: "occasion: string): Promise<void> {",
		to: "asked: string): Promise<void> {\n\tconst occasion = asked + Math.random();",
	},
	/** What was begun by whoever died is not looked for. */
	"starts-anew": {
		file: "core/instances/runtimes/process/process-runtime.ts",
		from: "const [pid] = await findByArgument(toKeeperMark(this.#places.out(name)));",
		to: "const [pid] = [] as number[];",
	},
};
/** Where the second one is killed, no file says yet that anything runs. */
const MUTANT_POINTS: Readonly<Record<string, CrashPoint>> = {
	"told-again": "instance-follow-stored",
	"starts-anew": "instance-begun",
};
export const mutants: readonly string[] = Object.keys(MUTANTS);

const DEATH_MS = 30_000;
/** Far below the program's ten minutes. */
const UP_MS = 90_000;
const GONE_MS = 60_000;
const FIRST_PERSON = 5_000;

type NodeOf = (env: Readonly<Record<string, string>>) => AppNode;

/**
 * The program is killed at every step of a create, and started again: each instance comes up, once, its owner reads of it in one
 * message and talks to it, and when it is deleted nothing of it is left.
 */
export async function prove({ seed, isShort, mutant: name }: ProveOptions): Promise<ProveResult> {
	const world = await createFlowWorld({
		seed,
		env: { INSTANCES: "process", INSTANCE_WARM: "0", LOG_LEVEL: "warn" },
	});
	const root = join(world.directory, "instances");
	try {
		await chmod(world.directory, 0o711);
		await plantStub(world.directory);
		const edit = name === undefined ? undefined : MUTANTS[name];
		const { env, flags } = toModuleMutant([...QUICK_LEASES, ...(edit === undefined ? [] : [edit])]);
		const nodeOf: NodeOf = (more) => startAppNode({ env: { ...world.env("node"), ...env, ...more }, flags });
		const only = name === undefined ? undefined : MUTANT_POINTS[name];
		const points = only !== undefined ? [only] : isShort ? SHORT_POINTS : POINTS;
		const wrong: string[] = [];
		const recoveredMs: number[] = [];
		for (const [number, point] of points.entries()) {
			const outcome = await dieAndRecover(world, nodeOf, point, FIRST_PERSON + number);
			wrong.push(...outcome.wrong.map((one) => `${point}: ${one}`));
			recoveredMs.push(outcome.recoveredMs);
		}
		wrong.push(...(await deleteAll(world, nodeOf, root)));
		const { rows } = await world.db.raw<{ rows: unknown[] }>("select * from violations");
		if (rows.length > 0) wrong.push(`violations: ${JSON.stringify(rows.slice(0, 3))}`);
		return { passed: wrong.length === 0, figures: { points: points.length, recoveredMs, wrong } };
	} finally {
		await endStrays(root);
		await world.close();
	}
}

async function dieAndRecover(
	world: FlowWorld,
	nodeOf: NodeOf,
	point: CrashPoint,
	userId: number,
): Promise<{ readonly wrong: readonly string[]; readonly recoveredMs: number }> {
	const { bot, db } = world;
	const chat = bot.privateChat({ id: userId, language_code: "en" });
	const sender = { platform: "telegram", botId: String(bot.id), userId: String(chat.id) } as const;
	const { accountId } = await addPerson(db, { sender, planId: "pro_40" });
	const dying = nodeOf({ CRASH_AT: point });
	try {
		await serveBy(world, dying);
		chat.sendText("/instance create");
		const how = await Promise.race([dying.ended, sleep(DEATH_MS, "it lives", { ref: false })]);
		if (how !== "SIGKILL") return { wrong: [`${how} ${dying.errors()}`], recoveredMs: 0 };
	} finally {
		await dying.kill();
	}
	const startedMs = performance.now();
	const node = nodeOf({});
	try {
		await serveBy(world, node);
		const isTold = (): boolean => chat.visibleTexts().some((text) => text.includes("From now on it answers"));
		const isUp = await pollUntil(isTold, UP_MS).then(
			() => true,
			() => false,
		);
		const recoveredMs = Math.round(performance.now() - startedMs);
		chat.sendText("what is it?");
		await world.settle(DEATH_MS);
		const wrong = await readCreated(world, { accountId, texts: chat.visibleTexts() });
		return { wrong: isUp ? wrong : ["it was never told to be up", ...wrong], recoveredMs };
	} finally {
		await node.stop();
	}
}

async function serveBy(world: FlowWorld, node: AppNode): Promise<void> {
	const { url } = await node.ready;
	world.balance(() => url);
}

/** @returns what is left of them */
async function deleteAll(world: FlowWorld, nodeOf: NodeOf, root: string): Promise<readonly string[]> {
	const uids = (await readdir(join(root, "users")).catch(() => [])).map(Number);
	const node = nodeOf({});
	try {
		await serveBy(world, node);
		await world.db.raw(
			"update instances set desired = 'deleted', purge_at = now(), next_at = now(), wish = wish + 1, deploy_until = null",
		);
		const isGone = await pollUntil(
			async () => (await world.db("instances").whereNot({ phase: "purged" }).first("id")) === undefined,
			GONE_MS,
		).then(
			() => true,
			() => false,
		);
		return isGone ? await findRemains(root, { uids, ports: [] }) : ["an instance is not gone"];
	} finally {
		await node.stop();
	}
}

/** Whatever went wrong: nothing of ours goes on running. */
async function endStrays(root: string): Promise<void> {
	const uids = new Set((await readdir(join(root, "users")).catch(() => [])).map(Number));
	for (const { pid, uid } of await listProcesses()) if (uids.has(uid)) process.kill(pid, "SIGKILL");
}
