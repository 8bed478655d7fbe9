import type { Knex } from "knex";
import { MICRO } from "../ledger/ledger.ts";
import type { TurnResult } from "../pipeline/message.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";

type Answered = { readonly hold: { readonly inboxId: string }; readonly outcome: TurnOutcome };

/**
 * The results of answers that are being stored, as they must read: an account that could not pay the whole (the rest is the
 * house's loss) is told what it paid. Those that say otherwise are written again, in the same transaction.
 *
 * @param charged what the ledger really took, in micro-tokens by reservation
 */
export async function correctCharges(
	trx: Knex.Transaction,
	items: readonly Answered[],
	charged: ReadonlyMap<string, number>,
): Promise<readonly TurnResult[]> {
	const results = items.map(({ outcome }) => toChargedResult(outcome, charged));
	const corrected = items.flatMap(({ hold, outcome }, index) => {
		const result = results[index];
		return result === outcome.result ? [] : [{ id: hold.inboxId, tokens: result?.usage?.chargedTokens }];
	});
	if (corrected.length > 0) {
		await trx.raw(
			`update inbox i set result = jsonb_set(i.result, '{usage,chargedTokens}', to_jsonb(x.tokens))
			from jsonb_to_recordset(?::jsonb) x (id bigint, tokens bigint) where i.id = x.id`,
			[JSON.stringify(corrected)],
		);
	}
	return results;
}

function toChargedResult(
	{ result, settlements }: TurnOutcome,
	charged: ReadonlyMap<string, number>,
): TurnResult {
	const { usage } = result;
	if (usage === undefined || settlements.length === 0) return result;
	const micro = settlements.reduce(
		(sum, { reservationId, actualMicro }) => sum + (charged.get(reservationId) ?? actualMicro),
		0,
	);
	const chargedTokens = Math.ceil(micro / MICRO);
	return chargedTokens === usage.chargedTokens ? result : { ...result, usage: { ...usage, chargedTokens } };
}
