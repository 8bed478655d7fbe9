import { setTimeout as sleep } from "node:timers/promises";
import type { StateWrite } from "../outbox/part.ts";
import type { HeldTurn } from "./leases.ts";
import { isDatabaseTrouble } from "./pg-trouble.ts";
import type { TurnDeps } from "./turn-deps.ts";
import { DialogueRaceError } from "./write-dialogues.ts";

const FAILURE_DELAY_MS = 1_000;
const FAILURE_DELAY_MAX_MS = 30_000;
const RACE_DELAY_MS = 20;
const TROUBLE_DELAY_MS = 250;
const RETRY_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * A turn failed: its lane rests and the event stays at its head. Trouble of the database is not the event's fault and does not
 * count; giving back is tried for as long as the lease is ours, so that nobody has to wait for its end. Answers false.
 */
export async function giveBack(deps: TurnDeps, turn: HeldTurn, error: unknown): Promise<false> {
	const { claim } = turn;
	if (!deps.leases.isLive(turn)) return false;
	const write = toWrite(error, claim.attempts);
	deps.log.warn({ err: error, inboxId: claim.inboxId, attempts: claim.attempts, ...write }, "turn failed");
	for (let delayMs = RETRY_MS; deps.leases.isLive(turn); delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
		try {
			await deps.writeState(claim, write);
			return false;
		} catch {
			await sleep(delayMs);
		}
	}
	return false;
}

function toWrite(error: unknown, attempts: number): StateWrite {
	if (error instanceof DialogueRaceError) return { finish: "later", delayMs: RACE_DELAY_MS };
	if (isDatabaseTrouble(error)) return { finish: "handback", delayMs: TROUBLE_DELAY_MS };
	const delayMs = FAILURE_DELAY_MS * 2 ** Math.max(0, Math.min(attempts, 10) - 1);
	return { finish: "later", delayMs: Math.min(FAILURE_DELAY_MAX_MS, delayMs) };
}
