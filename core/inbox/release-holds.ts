import type { TurnOutcome } from "../pipeline/turn.ts";
import { isDatabaseTrouble } from "./pg-trouble.ts";
import type { TurnDeps } from "./turn-deps.ts";

/**
 * Frees the quota that an answer holds which could not be stored, or not by this node any more: the next attempt holds its own, and five of them would lock up
 * a small account until their time is over. After trouble of the database the attempt is repeated under its own number and goes
 * on with what it holds. Never throws: what cannot be freed now expires.
 */
export async function releaseHolds(
	{ ledger, log }: Pick<TurnDeps, "ledger" | "log">,
	{ settlements }: TurnOutcome,
	error?: unknown,
): Promise<void> {
	if (error !== undefined && isDatabaseTrouble(error)) return;
	await Promise.all(
		settlements.map(async ({ reservationId }) => {
			await ledger.settle({ reservationId, actualMicro: 0 }).catch((err: unknown) => {
				log.warn({ err, reservationId }, "a reservation could not be voided and will expire");
			});
		}),
	);
}
