import { setTimeout as sleep } from "node:timers/promises";

/** A machine slower than this by what it could do before is busy with something else. */
const SLOWDOWN_MAX = 1.25;
const WAIT_MS_MAX = 20_000;
const PAUSE_MS = 500;
const STEPS = 20_000_000;

/**
 * Waits until the same small piece of work takes as long as it did when it was fastest, within limits: the host of a virtual
 * machine slows it down without telling. It comes before a measurement, and so favours nobody.
 */
export function createQuiet(work: () => number = timeWork): () => Promise<void> {
	let fastestMs = Number.POSITIVE_INFINITY;
	return async () => {
		for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += PAUSE_MS) {
			const tookMs = work();
			fastestMs = Math.min(fastestMs, tookMs);
			if (tookMs <= fastestMs * SLOWDOWN_MAX) return;
			await sleep(PAUSE_MS);
		}
	};
}

/** Milliseconds for some millions of additions, about ten of them. */
function timeWork(): number {
	const startedAt = performance.now();
	let sum = 0;
	for (let step = 0; step < STEPS; step += 1) sum = (sum + step) | 0;
	return performance.now() - startedAt + sum * 0;
}
