import { setTimeout as wait } from "node:timers/promises";
import type { Knex } from "knex";
import type { JobLog, LoopJob } from "./job.ts";

/** Runs a job over and over until stopped. A failure is logged and the loop goes on. */
export function startLoop(deps: { readonly db: Knex; readonly log: JobLog; readonly loop: LoopJob }): {
	stop(): Promise<void>;
} {
	const { db, log, loop } = deps;
	const stopping = new AbortController();
	const { signal } = stopping;

	async function work(): Promise<void> {
		while (!signal.aborted) {
			await loop.run(db, signal).catch((error: unknown) => {
				if (!signal.aborted) log.warn({ err: error, job: loop.name }, "a periodic job failed");
			});
			// Up to a tenth more, so that nodes which boot together drift apart.
			const pauseMs = loop.everyMs * (1 + Math.random() / 10);
			await wait(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	const done = work();
	return {
		stop: async () => {
			stopping.abort(new Error("stopped"));
			await done;
		},
	};
}
