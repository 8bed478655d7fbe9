import type { Knex } from "knex";
import { MICRO } from "../../../core/ledger/ledger.ts";

/** One reservation as the ledger has it, in whole tokens. */
export type ReservationFigures = {
	readonly state: string;
	readonly held: number;
	readonly charged: number;
	readonly overrun: number;
};

/** One call as usage_log has it, in whole tokens. */
export type UsageFigures = {
	readonly provider: string;
	readonly region: string;
	readonly policy: string;
	readonly outcome: string;
	readonly origin: string;
	readonly input: number;
	readonly output: number;
	readonly charged: number;
	readonly error: string | null;
};

/** All an account was ever charged, oldest first. */
export async function readCharges(
	db: Knex,
	accountId: string,
): Promise<{
	readonly reservations: readonly ReservationFigures[];
	readonly usage: readonly UsageFigures[];
}> {
	const reservations = await db.raw<{ rows: ReservationFigures[] }>(
		`select state, (amount_micro / :micro)::float8 as held, (charged_micro / :micro)::float8 as charged,
			(overrun_micro / :micro)::float8 as overrun
		from ledger_reservations where account_id = :accountId order by created_at`,
		{ micro: MICRO, accountId },
	);
	const usage = await db.raw<{ rows: UsageFigures[] }>(
		`select provider_id as provider, region, policy, outcome, tokens_origin as origin, input_tokens::float8 as input,
			output_tokens::float8 as output, (charged_micro / :micro)::float8 as charged, error_code as error
		from usage_log where account_id = :accountId order by id`,
		{ micro: MICRO, accountId },
	);
	return { reservations: reservations.rows, usage: usage.rows };
}
