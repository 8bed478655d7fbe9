/** Every figure of the reconciler. Source: design/instances, "Deadlines", "Backoff", "Health". */
export const FIGURES = {
	/** Start to the first sign of having come up, and to being ready. */
	startMs: 120_000,
	readyMs: 180_000,
	/** From the wish to an instance that is ready; after it: given up. */
	deployMs: 600_000,
	/** A stop that is asked for politely, before it is enforced. */
	stopMs: 30_000,
	/** Looks at an instance that is well, and at one where something is under way. */
	healthMs: 15_000,
	busyMs: 1_000,
	/** Every row is looked at again within this, whatever happens. */
	restMs: 60_000,
	/** One that is gone: so long as what was asked of the runtime may still come true late, and after that. */
	goneMs: 600_000,
	goneRestMs: 3_600_000,
	/** Looks in a row without an answer before it is restarted. */
	missesMax: 4,
	/** Restarts in ten minutes before it is made anew, and that in an hour before it is tried rarely. */
	restartsMax: 3,
	restartsMs: 600_000,
	recreationsMax: 3,
	recreationsMs: 3_600_000,
	/** First wait after a failure; doubles, and has an end. */
	backoffMs: 5_000,
	backoffMsMax: 600_000,
	/** Between tries of one that ends again and again. */
	crashloopMs: 1_800_000,
	/** Failures in a row of what is done to it, before somebody is told. */
	failsToldAt: 5,
	/** Well for so long: failures are forgotten. */
	wellMs: 600_000,
	/** A runtime that cannot be asked for so long makes its instances unknown. */
	awayMs: 60_000,
	/** OpenClaw's own word for a configuration it cannot take. Source: OpenClaw docs, "Embedding the gateway", read 2026-11-20. */
	configExitCode: 78,
} as const;
