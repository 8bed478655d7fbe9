import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { joinSender } from "../../../core/accounts/join-sender.ts";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import type { Policy } from "../../../core/models/model-call.ts";
import type { Language, Sender } from "../../../core/pipeline/message.ts";
import { activateSubscription } from "../../../core/plans/activate-subscription.ts";
import { makeSender, PEPPER } from "../../../core/testing/people.ts";
import { findDayZone } from "./find-day-zone.ts";

export type PersonOptions = {
	/** Somebody in particular, such as a person of the fake Telegram. */
	readonly sender?: Sender;
	/** Default: the free plan. */
	readonly planId?: string;
	/** Instead of the plan's figure; of the free plan too. */
	readonly dailyTokens?: number;
	/** Default: one where the day does not end during the test. */
	readonly zone?: string;
	readonly language?: Language;
	readonly policy?: Policy;
	readonly routeOrder?: readonly string[];
};

/** An account as it is after joining, choosing and paying, with a key for programs. */
export async function addPerson(
	db: Knex,
	options: PersonOptions,
): Promise<{ readonly accountId: string; readonly key: string }> {
	const { sender = makeSender(), planId, dailyTokens, policy = "BEST", routeOrder = [] } = options;
	const joined = await joinSender(db, {
		sender,
		mode: "auto",
		language: options.language ?? "en",
		zone: options.zone ?? findDayZone(),
		staff: false,
		pepper: PEPPER,
	});
	if (joined.kind !== "joined") throw new Error("not joined");
	const { accountId } = joined;
	// Before the first day is opened: what a person has today is never taken away by a smaller plan.
	if (dailyTokens !== undefined) {
		const daily = { daily_grant_micro: dailyTokens * MICRO };
		await db("ledger_accounts").where({ account_id: accountId }).update(daily);
	}
	if (planId !== undefined) {
		await db.transaction(async (trx) => {
			await activateSubscription(trx, {
				accountId,
				planId,
				months: undefined,
				source: "test",
				externalId: randomUUID(),
				...(dailyTokens !== undefined && { dailyTokens }),
			});
		});
	}
	await db("accounts").where({ id: accountId }).update({ policy, route_order: routeOrder });
	const { key } = await issueKey(db, accountId);
	return { accountId, key };
}
