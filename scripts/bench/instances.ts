import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Knex } from "knex";
import { createDb } from "../../core/db/connect.ts";
import { setGatewayUrl } from "../../core/db/instance-hosts.ts";
import { createCollector } from "../../core/instances/collector.ts";
import type { InstanceHouse } from "../../core/instances/create-instance.ts";
import { createInstance } from "../../core/instances/create-instance.ts";
import { startInstanceLoop } from "../../core/instances/loop.ts";
import { createSampler, SAMPLER_EVERY_MS } from "../../core/instances/monitor/sampler.ts";
import { createTurnCounts } from "../../core/instances/monitor/turn-counts.ts";
import { createReconciler } from "../../core/instances/reconciler.ts";
import { FakeRuntime } from "../../core/instances/testing/fake-runtime.ts";
import { createWarmPool } from "../../core/instances/warm-pool.ts";
import { instanceJobs } from "../../core/jobs/instance-jobs.ts";
import { startLoop } from "../../core/jobs/start-loop.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { seedInstances, seedSubscribers } from "./instances/seed-instances.ts";
import { findCpuMs, findServerPid } from "./pipeline/cores.ts";
import { percentile, round } from "./pipeline/figures.ts";
import { createScratchDatabase } from "./scratch-database.ts";

export const usage = "instances [--instances 200] [--seconds 60] [--killed 60] [--assigned 40]";

const HOST = "bench";
const RELEASE = "openclaw@2026.9.6";
/** What a cell of the fake runtime takes from its start to being ready. */
const START_MS = 4_000;
const READY_MS = 180_000;
const COLLECT_MS = 60_000;
const JUDGE_MS = 60_000;
const LOOK_MS = 100;

/**
 * What many instances that are well cost whoever looks after them: share of a core, of this process and of the database's server,
 * with looks, samples, verdicts and all. How long one that was killed takes to be ready again, its own start included. And how
 * long somebody waits for one of those that are up already.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const { instances, seconds, killed, assigned } = readOptions(args);
	const scratch = await createScratchDatabase();
	const db = createDb(scratch.url, { poolMax: 8 });
	try {
		await seedInstances(db, { count: instances, host: HOST });
		await setGatewayUrl(db, HOST, "http://127.0.0.1:1");
		const runtime = new FakeRuntime({ nowMs: Date.now, upMs: START_MS / 2, readyMs: START_MS });
		const house = openHouse(db, runtime);
		try {
			const startedMs = performance.now();
			await pollUntil(async () => (await countReady(db)) === instances, READY_MS);
			const readyMs = Math.round(performance.now() - startedMs);
			const idle = await measureIdle(db, seconds);
			const recovered = await measureRecovery(db, runtime, killed);
			const warm = await measureAssignment(db, house, assigned);
			return { instances, seconds, killed, assigned, allReadyMs: readyMs, ...idle, ...recovered, ...warm };
		} finally {
			await house.stop();
		}
	} finally {
		await db.destroy();
		await scratch.destroy();
	}
}

type House = { kick(): void; stop(): Promise<void> };

/** All that a node does for instances, as the program does it. */
function openHouse(db: Knex, runtime: FakeRuntime): House {
	const runtimes = new Map([[HOST, runtime]]);
	const log = { debug() {}, info() {}, warn() {}, error: console.error };
	const reconciler = createReconciler({
		...{ db, runtimes, log },
		probe: async (address) => await runtime.probe(address),
		describe: async () => ({ environment: {}, args: [], mendArgs: [] }),
		files: async () => [{ path: "openclaw.json", content: "{}" }],
	});
	const onTrouble = (message: string, error: unknown): void => console.error(message, error);
	const loop = startInstanceLoop({ pass: reconciler.pass, onTrouble });
	const counts = createTurnCounts();
	const jobs = instanceJobs.map(({ name, run: work }) => ({ name, everyMs: JUDGE_MS, run: work }));
	const loops = [
		{ name: "sample", everyMs: SAMPLER_EVERY_MS, run: createSampler({ db, runtimes, counts }) },
		{ name: "collect", everyMs: COLLECT_MS, run: createCollector({ db, runtimes, log }) },
		...jobs,
	].map((one) => startLoop({ db, log, loop: one }));
	return {
		kick: loop.kick,
		async stop() {
			await Promise.all([loop.stop(), ...loops.map(async (one) => await one.stop())]);
		},
	};
}

async function measureIdle(db: Knex, seconds: number): Promise<Record<string, unknown>> {
	const server = await findServerPid(db);
	const readServer = async (): Promise<number> => (server === undefined ? 0 : await findCpuMs(server));
	const serverBefore = await readServer();
	const before = process.cpuUsage();
	await sleep(seconds * 1_000);
	const { user, system } = process.cpuUsage(before);
	const own = (user + system) / 1_000 / (seconds * 1_000);
	const servers = ((await readServer()) - serverBefore) / (seconds * 1_000);
	return {
		ownCoreShare: round(own, 4),
		serverCoreShare: round(servers, 4),
		coreShare: round(own + servers, 4),
	};
}

/** Kills so many at once and waits until each is ready again. */
async function measureRecovery(
	db: Knex,
	runtime: FakeRuntime,
	count: number,
): Promise<Record<string, unknown>> {
	const victims = runtime.cells().slice(0, count);
	const killedMs = performance.now();
	for (const { name } of victims) runtime.crash(name, 137);
	const waiting = new Map(victims.map(({ name }) => [name, 0]));
	const took: number[] = [];
	while (waiting.size > 0 && performance.now() - killedMs < READY_MS) {
		await sleep(LOOK_MS);
		const running = new Set(
			runtime.cells().flatMap(({ name, state }) => (state === "running" ? [name] : [])),
		);
		const nowMs = performance.now();
		for (const [name, upMs] of waiting) {
			if (upMs === 0 && running.has(name)) waiting.set(name, nowMs);
			if (upMs === 0 || nowMs - upMs < START_MS) continue;
			took.push(nowMs - killedMs);
			waiting.delete(name);
		}
	}
	const isReady = await pollUntil(async () => (await countReady(db)) >= count, READY_MS).then(
		() => true,
		() => false,
	);
	const sorted = Float64Array.from(took);
	return {
		isRecovered: isReady && waiting.size === 0,
		recoveredP50Ms: Math.round(percentile(sorted, 0.5)),
		recoveredP95Ms: Math.round(percentile(sorted, 0.95)),
		ownStartMs: START_MS,
	};
}

/**
 * So many accounts, one after the other, ask for an instance while others wait that are up: until each is his, with his files.
 */
async function measureAssignment(db: Knex, house: House, count: number): Promise<Record<string, unknown>> {
	const own: InstanceHouse = {
		...{ region: "home", host: HOST, kind: "openclaw", release: RELEASE, liveMax: 100_000 },
	};
	const pool = createWarmPool({
		...{ db, house: own, size: count, onWish: house.kick },
		dropSecrets: async () => undefined,
	});
	await pool();
	const waiting = () => db("instances").whereNull("account_id").where({ phase: "ready" });
	await pollUntil(async () => (await waiting()).length >= count, READY_MS);
	const took: number[] = [];
	for (const accountId of await seedSubscribers(db, count)) {
		const askedMs = performance.now();
		const { instanceId } = await createInstance(db, own, { accountId });
		house.kick();
		await pollUntil(async () => {
			const row = await db("instances").where({ id: instanceId }).first("phase", "deploy_until");
			return row?.phase === "ready" && row.deploy_until === null;
		}, READY_MS);
		took.push(performance.now() - askedMs);
	}
	const left = (await waiting()).length;
	const times = Float64Array.from(took);
	return {
		assignedFromPool: count - left,
		assignedP50Ms: Math.round(percentile(times, 0.5)),
		assignedP95Ms: Math.round(percentile(times, 0.95)),
	};
}

async function countReady(db: Knex): Promise<number> {
	const row = await db("instances").where({ phase: "ready" }).count({ count: "*" }).first();
	return Number(row?.["count"]);
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			instances: { type: "string", default: "200" },
			seconds: { type: "string", default: "60" },
			killed: { type: "string", default: "60" },
			assigned: { type: "string", default: "40" },
		},
	});
	return {
		instances: Number(values.instances),
		seconds: Number(values.seconds),
		killed: Number(values.killed),
		assigned: Number(values.assigned),
	};
}
