import { setTimeout as sleep } from "node:timers/promises";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import type { HeldTurn } from "./leases.ts";
import { releaseHolds } from "./release-holds.ts";
import type { TurnDeps } from "./turn-deps.ts";

/**
 * A turn that was taken away while the pipeline worked on it ends with that reason, whatever it came to: the call to the model
 * was cut off, and what there is of an answer would be stored as one the user had stopped, should the lease hold after all.
 */
export function discardWhenFenced(
	deps: Pick<TurnDeps, "ledger" | "log">,
	handle: (turn: Turn) => Promise<TurnOutcome>,
): (turn: Turn) => Promise<TurnOutcome> {
	return async (turn) => {
		const outcome = await handle(turn);
		const { aborted, reason } = turn.signal;
		if (!aborted || reason !== "fenced") return outcome;
		await releaseHolds(deps, outcome);
		throw reason;
	};
}

const LEAVE_DELAY_MS = 250;
const RETRY_MS = 500;

/**
 * A turn that was taken away and has come to its end does nothing any more, so its lane need not wait for the end of the lease:
 * after the database was away for a while that is the longer part. Writes nothing where the lane is somebody else's by now.
 * Never throws; tries for as long as the lease can hold.
 */
export async function leaveFencedLane(
	{ writeState }: Pick<TurnDeps, "writeState">,
	{ claim }: HeldTurn,
	leaseTtlMs: number,
): Promise<void> {
	const end = performance.now() + leaseTtlMs;
	while (performance.now() < end) {
		try {
			await writeState(claim, { finish: "later", delayMs: LEAVE_DELAY_MS });
			return;
		} catch {
			await sleep(RETRY_MS, undefined, { ref: false });
		}
	}
}
