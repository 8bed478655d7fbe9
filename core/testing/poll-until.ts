import { setTimeout as sleep } from "node:timers/promises";

const STEP_MS = 5;

/** Waits until `isTrue` says so. @throws Error when it still does not after `boundMs`. */
export async function pollUntil(isTrue: () => boolean | Promise<boolean>, boundMs = 15_000): Promise<void> {
	const end = performance.now() + boundMs;
	while (!(await isTrue())) {
		if (performance.now() > end) throw new Error(`not true within ${boundMs} ms: ${isTrue.toString()}`);
		await sleep(STEP_MS);
	}
}
