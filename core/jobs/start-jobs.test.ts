import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { eventually } from "../testing/eventually.ts";
import type { CronJob, JobLog, LoopJob, RunningJobs } from "./job.ts";
import { startJobs } from "./start-jobs.ts";

const YEARLY = "0 0 1 1 *";

let world: TestDb;
let lines: string[];
let running: RunningJobs[];
beforeEach(async () => {
	world = await createTestDb();
	lines = [];
	running = [];
});
afterEach(async () => {
	await Promise.all(running.map(async (jobs) => await jobs.stop()));
	await world.destroy();
});

const log: JobLog = {
	debug: (fields, message) => lines.push(`debug ${message} ${JSON.stringify(fields)}`),
	info: (fields, message) => lines.push(`info ${message} ${JSON.stringify(fields)}`),
	warn: (_, message) => lines.push(`warn ${message}`),
	error: (_, message) => lines.push(`error ${message}`),
};

function start(jobs: readonly CronJob[], loops: readonly LoopJob[] = [], url = world.url): RunningJobs {
	const started = startJobs({ url, db: world.db, log, jobs, loops, pollMs: 500 });
	running.push(started);
	return started;
}

test("a job runs on one of the nodes and is logged with its result", async () => {
	let runs = 0;
	const job: CronJob = {
		name: "count",
		cron: YEARLY,
		run: async () => {
			runs += 1;
			return 42;
		},
	};
	const nodes = [start([job]), start([job])];
	await eventually(() => nodes.every((node) => node.isReady()), 20_000);
	await nodes[0]?.runNow("count");
	await eventually(() => lines.some((line) => line.startsWith("info") && line.includes('"result":42')));
	expect(runs).toBe(1);
	const schedules = await world.db("pgboss.schedule").select("name", "cron", "timezone");
	expect(schedules).toEqual([{ name: "count", cron: YEARLY, timezone: "UTC" }]);
}, 30_000);

test("a run that found nothing to do is told to whoever debugs only", async () => {
	const node = start([{ name: "idle", cron: YEARLY, run: async () => 0 }]);
	await eventually(() => node.isReady(), 20_000);
	await node.runNow("idle");
	await eventually(() => lines.some((line) => line.includes('"job":"idle"')));
	expect(lines.filter((line) => line.includes('"job":"idle"'))).toEqual([expect.stringMatching(/^debug/)]);
}, 30_000);

test("while a run is queued or under way no second one is queued", async () => {
	let [now, most, runs] = [0, 0, 0];
	let finish = (): void => undefined;
	const job: CronJob = {
		name: "slow",
		cron: YEARLY,
		run: async () => {
			runs += 1;
			now += 1;
			most = Math.max(most, now);
			await new Promise<void>((resolve) => {
				finish = resolve;
			});
			now -= 1;
		},
	};
	const nodes = [start([job]), start([job])];
	await eventually(() => nodes.every((node) => node.isReady()), 20_000);
	await nodes[0]?.runNow("slow");
	await eventually(() => now === 1);
	await Promise.all(nodes.map(async (node) => await node.runNow("slow")));
	finish();
	await eventually(() => lines.some((line) => line.includes("ran")));
	expect({ most, runs }).toEqual({ most: 1, runs: 1 });
}, 30_000);

test("a job that fails is logged, and its cause is not kept in the queue", async () => {
	const job: CronJob = {
		name: "failing",
		cron: YEARLY,
		run: async () => await Promise.reject(new Error("a secret")),
	};
	const node = start([job]);
	await eventually(() => node.isReady(), 20_000);
	await node.runNow("failing");
	await eventually(() => lines.includes("error a periodic job failed"));
	await eventually(async () => {
		const [row] = await world.db("pgboss.job").where({ name: "failing" }).select("state");
		return row?.state === "retry";
	});
	const stored = await world.db("pgboss.job").where({ name: "failing" });
	expect(JSON.stringify(stored)).not.toContain("a secret");
}, 30_000);

test("a schedule that is no longer ours goes", async () => {
	const first = start([{ name: "old", cron: YEARLY, run: async () => undefined }]);
	await eventually(() => first.isReady(), 20_000);
	await first.stop();
	const second = start([{ name: "new", cron: YEARLY, run: async () => undefined }]);
	await eventually(() => second.isReady(), 20_000);
	expect(await world.db("pgboss.schedule").pluck("name")).toEqual(["new"]);
}, 30_000);

test("without a database the process lives, says so and stops in time", async () => {
	const node = start(
		[{ name: "x", cron: YEARLY, run: async () => undefined }],
		[],
		"postgres://127.0.0.1:1/none",
	);
	await eventually(() => lines.includes("warn the job queue did not start; trying again"));
	const startedAt = performance.now();
	await node.stop();
	expect(performance.now() - startedAt).toBeLessThan(7_000);
	expect(node.isReady()).toBe(false);
});

test("a database that goes away under running jobs does not end the process", async () => {
	let failures = 0;
	const loop: LoopJob = {
		name: "loop",
		everyMs: 20,
		run: async (db) =>
			await db.raw("select 1").catch((error: unknown) => {
				failures += 1;
				throw error;
			}),
	};
	const node = start([{ name: "y", cron: YEARLY, run: async () => undefined }], [loop]);
	await eventually(() => node.isReady(), 20_000);
	await world.destroy();
	await eventually(() => failures > 2 && lines.some((line) => line.startsWith("warn")));
	await node.stop();
	world = await createTestDb();
}, 30_000);

test("a loop goes on after a failure, never overlaps and ends with stop", async () => {
	let [runs, now, most] = [0, 0, 0];
	const loop: LoopJob = {
		name: "loop",
		everyMs: 1,
		run: async () => {
			runs += 1;
			now += 1;
			most = Math.max(most, now);
			await new Promise((resolve) => setImmediate(resolve));
			now -= 1;
			if (runs === 2) throw new Error("once");
		},
	};
	const node = start([], [loop]);
	await eventually(() => runs > 5);
	await node.stop();
	const after = runs;
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect({ runs, most }).toEqual({ runs: after, most: 1 });
	expect(lines).toContain("warn a periodic job failed");
}, 30_000);
