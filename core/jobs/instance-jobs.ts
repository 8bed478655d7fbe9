import { deleteOldAlerts, syncFindings } from "../db/alerts.ts";
import { listInstanceFigures } from "../db/instance-figures.ts";
import { gatherSamples } from "../db/instance-samples.ts";
import { putIdleToSleep } from "../db/instance-sleep.ts";
import { judge } from "../instances/monitor/judge.ts";
import type { CronJob } from "./job.ts";

/** What is measured of instances: judged each minute, made coarser, and forgotten in the end. */
export const instanceJobs: readonly CronJob[] = [
	{
		name: "instances-judge",
		cron: "* * * * *",
		timeoutMs: 50_000,
		run: async (db) => await syncFindings(db, (await listInstanceFigures(db)).flatMap(judge)),
	},
	{
		name: "instances-sleep",
		cron: "* * * * *",
		timeoutMs: 50_000,
		run: async (db) => await putIdleToSleep(db),
	},
	{ name: "instances-gather", cron: "*/5 * * * *", run: async (db) => await gatherSamples(db) },
	{ name: "alerts-prune", cron: "37 4 * * *", run: async (db) => await deleteOldAlerts(db) },
];
