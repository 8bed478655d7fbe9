import type { Knex } from "knex";
import { findPlan } from "../db/plans.ts";
import {
	endActiveSubscription,
	findActiveSubscription,
	insertSubscription,
	listEndedAccounts,
	lockAccount,
} from "../db/subscriptions.ts";
import { changeDailyGrant } from "../ledger/accounts.ts";
import { FREE_PLAN_ID } from "./plan.ts";

/** Accounts put back in one run; the next run goes on. */
const ACCOUNTS_MAX = 500;

/**
 * Puts accounts whose paid time is over back on the free plan (on none where free is switched off), one transaction an
 * account. Safe to run on many nodes at a time. @returns how many.
 */
export async function endSubscriptions(db: Knex, limit: number = ACCOUNTS_MAX): Promise<number> {
	let ended = 0;
	for (const accountId of await listEndedAccounts(db, limit)) {
		if (await endSubscriptionOf(db, accountId)) ended += 1;
	}
	return ended;
}

/** False when the account's time is not over (any more). */
export async function endSubscriptionOf(db: Knex, accountId: string): Promise<boolean> {
	return await db.transaction(async (trx) => {
		const status = await lockAccount(trx, accountId);
		const running = await findActiveSubscription(trx, accountId);
		if (running === undefined || running.live) return false;
		await endActiveSubscription(trx, accountId);
		if (status !== "deleted") await startFreePlan(trx, accountId);
		return true;
	});
}

/** The account must have no active subscription. Without a free plan it has none and a grant of 0 afterwards. */
export async function startFreePlan(trx: Knex.Transaction, accountId: string): Promise<void> {
	const free = await findPlan(trx, FREE_PLAN_ID);
	if (free !== undefined) await insertFreeSubscription(trx, accountId);
	await changeDailyGrant(trx, accountId, free?.dailyTokens ?? 0);
}

export async function insertFreeSubscription(trx: Knex, accountId: string): Promise<void> {
	await insertSubscription(trx, {
		accountId,
		planId: FREE_PLAN_ID,
		dailyTokens: undefined,
		months: undefined,
		countFrom: undefined,
		source: "free",
		externalId: undefined,
	});
}
