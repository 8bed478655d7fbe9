import type { Knex } from "knex";

/** Work the whole installation does at set times, on whichever node picks it up, one run at a time. */
export type CronJob = {
	/** Lower case with hyphens; the name of its queue. */
	readonly name: string;
	/** Five fields, UTC. */
	readonly cron: string;
	/** A node that takes longer is believed dead, and the job may run again. Default 300 s. */
	readonly timeoutMs?: number;
	/** A failure is logged and tried again twice, then waits for the next time. */
	run(db: Knex, signal: AbortSignal): Promise<unknown>;
};

/** Work every node does for itself, again and again; the runs of one node never overlap. */
export type LoopJob = {
	readonly name: string;
	/** Pause between the end of a run and the next one. */
	readonly everyMs: number;
	run(db: Knex, signal: AbortSignal): Promise<unknown>;
};

/** The part of a pino logger the jobs use. */
export type JobLog = {
	debug(fields: object, message: string): void;
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
	error(fields: object, message: string): void;
};

export type RunningJobs = {
	/** Queues one run of a cron job now, unless one is queued or running. @throws when the queue is not up yet. */
	runNow(name: string): Promise<void>;
	/** True once the schedule stands in the database and this node takes jobs. */
	isReady(): boolean;
	/** Lets running jobs finish for a moment, then stops; never longer than about 6 s. */
	stop(): Promise<void>;
};
