import { pruneLedger, sweepReservations } from "../ledger/sweep.ts";
import type { CronJob, LoopJob } from "./job.ts";

/** Reservations last 120 s; with this pause what a crashed call held is back soon after. */
const SWEEP_EVERY_MS = 10_000;

/** What the ledger needs done again and again. */
export const ledgerJobs: readonly CronJob[] = [
	{
		name: "ledger-sweep",
		cron: "* * * * *",
		timeoutMs: 50_000,
		run: async (db, signal) => await sweepReservations(db, signal),
	},
	{ name: "ledger-prune", cron: "17 3 * * *", timeoutMs: 600_000, run: async (db) => await pruneLedger(db) },
];

/** The same sweep on every node, so that quota comes back also while the queue is away. One node at a time does the work. */
export const ledgerLoops: readonly LoopJob[] = [
	{
		name: "ledger-sweep",
		everyMs: SWEEP_EVERY_MS,
		run: async (db, signal) => await sweepReservations(db, signal),
	},
];
