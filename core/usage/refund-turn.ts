import type { Knex } from "knex";
import { listCharges } from "../db/usage.ts";
import { refund } from "../ledger/grants.ts";

/**
 * Gives back what a turn cost this account, each charge once. The caller has made sure that it failed.
 *
 * @returns micro-tokens given back now; 0 when nothing was charged or it was done before.
 */
export async function refundTurn(
	db: Knex,
	turn: { readonly inboxId: string; readonly accountId: string; readonly source: string },
): Promise<number> {
	let refundedMicro = 0;
	for (const reservationId of await listCharges(db, turn.inboxId, turn.accountId)) {
		const outcome = await refund(db, { reservationId, source: turn.source });
		if (outcome.kind === "refunded") refundedMicro += outcome.amountMicro;
	}
	return refundedMicro;
}
