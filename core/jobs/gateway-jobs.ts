import type { Knex } from "knex";
import { deleteLostKeyHolds } from "../db/gateway-caps.ts";
import { deleteOldRequests } from "../db/gateway-requests.ts";
import type { CronJob } from "./job.ts";

/** Rows deleted by one statement, and statements of one run; what is left comes with the next one. */
const ROWS_MAX = 1_000;
const BATCHES_MAX = 200;

/** What the gateway leaves behind: answers kept for 24 hours, and holds of calls whose node died. */
export const gatewayJobs: readonly CronJob[] = [
	{
		name: "gateway-requests",
		cron: "*/10 * * * *",
		run: async (db, signal) => await repeat(deleteOldRequests, db, signal),
	},
	{
		name: "gateway-key-holds",
		cron: "29 * * * *",
		run: async (db, signal) => await repeat(deleteLostKeyHolds, db, signal),
	},
];

async function repeat(
	sweep: (db: Knex, limit: number) => Promise<number>,
	db: Knex,
	signal: AbortSignal,
): Promise<number> {
	let total = 0;
	for (let batch = 0; batch < BATCHES_MAX && !signal.aborted; batch += 1) {
		const deleted = await sweep(db, ROWS_MAX);
		total += deleted;
		if (deleted < ROWS_MAX) break;
	}
	return total;
}
