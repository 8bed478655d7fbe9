import { setTimeout as wait } from "node:timers/promises";
import type { Knex } from "knex";
import { PgBoss } from "pg-boss";
import type { CronJob, JobLog, LoopJob, RunningJobs } from "./job.ts";
import { startLoop } from "./start-loop.ts";

/** Pause before the queue is tried again while the database is away; doubles up to the maximum. */
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A running job may finish this long after stop() was called. */
const GRACE_MS = 2_000;
const STOP_MAX_MS = 6_000;
const CONNECTIONS_MAX = 3;
const TIMEOUT_MS = 300_000;
const DAY_S = 86_400;

export type JobsDeps = {
	/** The database the queue lives in (schema "pgboss"), with connections of its own. */
	readonly url: string;
	/** What the jobs work on. */
	readonly db: Knex;
	readonly log: JobLog;
	readonly jobs: readonly CronJob[];
	readonly loops: readonly LoopJob[];
	/** How often a node looks for due jobs. Default 5 s. */
	readonly pollMs?: number;
};

/**
 * Starts the periodic jobs and returns at once. Never throws and never ends the process: while the database is away the
 * queue is tried again in the background, and the loops log and go on.
 */
export function startJobs(deps: JobsDeps): RunningJobs {
	const { db, log } = deps;
	const stopping = new AbortController();
	const loops = deps.loops.map((loop) => startLoop({ db, log, loop }));
	const boss = createBoss(deps.url, log);
	let ready = false;

	async function boot(): Promise<void> {
		for (let pauseMs = RETRY_MS; !stopping.signal.aborted; pauseMs = Math.min(RETRY_MAX_MS, pauseMs * 2)) {
			try {
				await boss.start();
				for (const job of deps.jobs) await startCronJob(boss, job, deps);
				await forgetOthers(boss, deps.jobs);
				ready = true;
				return;
			} catch (error) {
				log.warn({ err: error }, "the job queue did not start; trying again");
				await boss.stop({ graceful: false }).catch(() => undefined);
				await wait(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
			}
		}
	}

	const booted = boot();
	return {
		isReady: () => ready,
		runNow: async (name) => {
			await boss.send(name, null, {});
		},
		stop: async () => {
			ready = false;
			stopping.abort(new Error("stopped"));
			const stopped = Promise.allSettled([
				...loops.map(async (loop) => await loop.stop()),
				booted.then(async () => await boss.stop({ graceful: true, timeout: GRACE_MS })),
			]);
			await Promise.race([stopped, wait(STOP_MAX_MS, undefined, { ref: false })]);
		},
	};
}

function createBoss(url: string, log: JobLog): PgBoss {
	const boss = new PgBoss({
		connectionString: url,
		application_name: "rockpool-jobs",
		max: CONNECTIONS_MAX,
		connectionTimeoutMillis: 5_000,
		options: "-c statement_timeout=30000",
	});
	// Without a listener an error event would end the process.
	boss.on("error", (error) => log.warn({ err: error }, "the job queue failed for now"));
	boss.on("warning", (warning) => log.warn({ warning: warning.message }, "the job queue warns"));
	return boss;
}

/** exclusive: while a run is queued or under way anywhere, another is not queued. */
async function startCronJob(boss: PgBoss, job: CronJob, deps: JobsDeps): Promise<void> {
	const { name, cron, timeoutMs = TIMEOUT_MS } = job;
	const settings = {
		expireInSeconds: Math.ceil(timeoutMs / 1_000),
		retryLimit: 2,
		retryDelay: 20,
		deleteAfterSeconds: DAY_S,
		retentionSeconds: DAY_S,
	};
	await boss.createQueue(name, { ...settings, policy: "exclusive" });
	await boss.updateQueue(name, settings);
	await boss.schedule(name, cron, null, { tz: "UTC" });
	await boss.work(name, { pollingIntervalSeconds: (deps.pollMs ?? 5_000) / 1_000 }, async ([due]) => {
		if (due !== undefined) await runCronJob(job, due.signal, deps);
	});
}

async function runCronJob(job: CronJob, signal: AbortSignal, deps: JobsDeps): Promise<void> {
	const startedAt = performance.now();
	try {
		const result = await job.run(deps.db, signal);
		const facts = { job: job.name, result, ms: Math.round(performance.now() - startedAt) };
		// A log that says each minute that there was nothing to do is read by nobody.
		if (result === undefined || result === 0) deps.log.debug(facts, "a periodic job ran");
		else deps.log.info(facts, "a periodic job ran");
	} catch (error) {
		deps.log.error({ err: error, job: job.name }, "a periodic job failed");
		// Kept in the queue's tables, so without the cause, which may hold what is nobody's business.
		throw new Error(`${job.name} failed`);
	}
}

/** Schedules of jobs an older version had. */
async function forgetOthers(boss: PgBoss, jobs: readonly CronJob[]): Promise<void> {
	const names = new Set(jobs.map((job) => job.name));
	for (const schedule of await boss.getSchedules()) {
		if (!names.has(schedule.name)) await boss.unschedule(schedule.name);
	}
}
