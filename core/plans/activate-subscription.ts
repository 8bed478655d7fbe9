import type { Knex } from "knex";
import { wishAccountConfigured } from "../db/instance-wishes.ts";
import { startDayNow } from "../db/ledger-days.ts";
import { findPlan } from "../db/plans.ts";
import {
	endActiveSubscription,
	findActiveSubscription,
	findSubscriptionByPurchase,
	insertSubscription,
	lockAccount,
} from "../db/subscriptions.ts";
import { AppError } from "../errors.ts";
import { changeDailyGrant } from "../ledger/accounts.ts";
import type { Plan } from "./plan.ts";
import { FREE_PLAN_ID } from "./plan.ts";

export type Activation = {
	readonly accountId: string;
	readonly planId: string;
	/** Undefined: for as long as the account lives. */
	readonly months: number | undefined;
	/** Where it comes from, such as "bind-code"; with externalId it names one purchase. */
	readonly source: string;
	/** The same purchase twice activates once. */
	readonly externalId?: string;
	/** Whole tokens; required where the plan leaves the figure to the admin. */
	readonly dailyTokens?: number;
};

export type ActivationOutcome = {
	readonly kind: "activated" | "duplicate";
	readonly planName: string;
	readonly endsAt: Date | undefined;
	/** Paid plan that ended with this; undefined: none, or the same one went on. */
	readonly replacedPlanId: string | undefined;
};

/**
 * Makes this the account's one subscription and sets its daily grant. Paying again for the running plan adds the months to
 * its end; another plan takes the place of the running one at once.
 *
 * @throws AppError REQUEST_INVALID (details.reason "plan-unknown", "plan-tokens-missing", "purchase-mismatch").
 */
export async function activateSubscription(
	trx: Knex.Transaction,
	activation: Activation,
): Promise<ActivationOutcome> {
	const { accountId, months } = activation;
	const status = await lockAccount(trx, accountId);
	if (status === undefined || status === "deleted") throw new Error(`no account ${accountId} to subscribe`);
	const plan = await requirePlan(trx, activation);
	const repeated = await findRepeated(trx, activation, plan);
	if (repeated !== undefined) return repeated;

	const running = await findActiveSubscription(trx, accountId);
	const hasPlan = running?.live === true && running.planId !== FREE_PLAN_ID;
	const renews = hasPlan && running.planId === plan.id;
	await endActiveSubscription(trx, accountId);
	const { endsAt } = await insertSubscription(trx, {
		accountId,
		planId: plan.id,
		dailyTokens: activation.dailyTokens,
		months,
		countFrom: renews ? running.endsAt : undefined,
		source: activation.source,
		externalId: activation.externalId,
	});
	if (plan.id !== FREE_PLAN_ID) await startDayNow(trx, accountId);
	// What an instance may do unasked is its plan's to say.
	await wishAccountConfigured(trx, accountId);
	await changeDailyGrant(trx, accountId, activation.dailyTokens ?? plan.dailyTokens ?? 0);
	return {
		kind: "activated",
		planName: plan.name,
		endsAt,
		replacedPlanId: hasPlan && !renews ? running.planId : undefined,
	};
}

/** @throws AppError REQUEST_INVALID when the plan cannot be had like this. */
export async function requirePlan(
	db: Knex,
	wish: { readonly planId: string; readonly dailyTokens?: number | undefined },
): Promise<Plan> {
	const plan = await findPlan(db, wish.planId);
	if (plan === undefined) {
		throw new AppError("REQUEST_INVALID", "no such plan", { details: { reason: "plan-unknown" } });
	}
	if (plan.dailyTokens === undefined && wish.dailyTokens === undefined) {
		throw new AppError("REQUEST_INVALID", "the plan's daily tokens are agreed with each account", {
			details: { reason: "plan-tokens-missing" },
		});
	}
	return plan;
}

async function findRepeated(
	trx: Knex,
	{ accountId, planId, source, externalId }: Activation,
	plan: Plan,
): Promise<ActivationOutcome | undefined> {
	if (externalId === undefined) return undefined;
	const found = await findSubscriptionByPurchase(trx, source, externalId);
	if (found === undefined) return undefined;
	if (found.accountId !== accountId || found.planId !== planId) {
		throw new AppError("REQUEST_INVALID", "this purchase was for another account or plan", {
			details: { reason: "purchase-mismatch" },
		});
	}
	return { kind: "duplicate", planName: plan.name, endsAt: found.endsAt, replacedPlanId: undefined };
}
