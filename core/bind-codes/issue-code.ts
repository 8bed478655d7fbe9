import type { Knex } from "knex";
import { insertCode, revokeOldestCodes } from "../db/bind-codes.ts";
import { lockAccount } from "../db/subscriptions.ts";
import { AppError } from "../errors.ts";
import { requirePlan } from "../plans/activate-subscription.ts";
import type { TypedLength } from "./code.ts";
import { createLinkCode, createTypedCode, formatTypedCode, hashCode } from "./code.ts";

/** Source: security S1. */
const LINK_VALIDITY_MS = 10 * 60_000;
const LINK_CODES_MAX = 3;
/** A plan is sold by a code, which must outlive the way to the buyer: docs/decisions/ on bind codes. */
const PLAN_VALIDITY_MS = 7 * 24 * 3_600_000;
const PLAN_VALIDITY_MAX_MS = 30 * 24 * 3_600_000;
const PLAN_CODES_MAX = 500;
const MONTHS_MAX = 120;
const DAILY_TOKENS_MAX = 1_000_000_000;

/** Shown once; only hashes of it are kept. Both forms are one code: using either uses it up. */
export type IssuedCode = {
	/** For typing, such as "ABCDE-12345". */
	readonly code: string;
	/** For a deep link, 22 base64url characters. */
	readonly deepLinkCode: string;
	readonly expiresAt: Date;
};

/**
 * A code that joins another channel to this account: 10 minutes, at most three live ones (a fourth makes the oldest worthless).
 *
 * @throws AppError FORBIDDEN for a banned account.
 */
export async function issueLinkCode(db: Knex, pepper: string, accountId: string): Promise<IssuedCode> {
	return await db.transaction(async (trx) => {
		await lockIssuer(trx, accountId);
		await revokeOldestCodes(trx, accountId, "link", LINK_CODES_MAX - 1);
		const { forms, hashes } = createCode(pepper, 10);
		const expiresAt = await insertCode(trx, {
			...hashes,
			purpose: "link",
			accountId,
			issuedByAccountId: accountId,
			validityMs: LINK_VALIDITY_MS,
		});
		return { ...forms, expiresAt };
	});
}

export type PlanCodeRequest = {
	readonly planId: string;
	/** 1..120; undefined: for as long as the account lives. */
	readonly months: number | undefined;
	/** Required where the plan leaves the figure to the admin; whole tokens. */
	readonly dailyTokens?: number;
	/** A member of the staff; the caller has checked that. */
	readonly issuedByAccountId: string;
	/** Up to 30 days; 7 unless said otherwise. */
	readonly validityMs?: number;
};

/**
 * A code that activates a plan, to be sold or given.
 *
 * @throws AppError REQUEST_INVALID (details.reason "plan-unknown", "plan-tokens-missing"; details.field).
 */
export async function issuePlanCode(db: Knex, pepper: string, request: PlanCodeRequest): Promise<IssuedCode> {
	const { planId, months, dailyTokens, issuedByAccountId, validityMs = PLAN_VALIDITY_MS } = request;
	requireWhole("months", months, MONTHS_MAX);
	requireWhole("dailyTokens", dailyTokens, DAILY_TOKENS_MAX);
	requireWhole("validityMs", validityMs, PLAN_VALIDITY_MAX_MS);
	return await db.transaction(async (trx) => {
		await lockIssuer(trx, issuedByAccountId);
		await requirePlan(trx, { planId, dailyTokens });
		await revokeOldestCodes(trx, issuedByAccountId, "plan", PLAN_CODES_MAX - 1);
		const { forms, hashes } = createCode(pepper, 16);
		const expiresAt = await insertCode(trx, {
			...hashes,
			purpose: "plan",
			planId,
			planMonths: months,
			dailyTokens,
			issuedByAccountId,
			validityMs,
		});
		return { ...forms, expiresAt };
	});
}

function createCode(pepper: string, length: TypedLength) {
	const typed = createTypedCode(length);
	const deepLinkCode = createLinkCode();
	return {
		forms: { code: formatTypedCode(typed), deepLinkCode },
		hashes: { hash: hashCode(pepper, typed), linkHash: hashCode(pepper, deepLinkCode) },
	};
}

async function lockIssuer(trx: Knex, accountId: string): Promise<void> {
	if ((await lockAccount(trx, accountId)) !== "active") {
		throw new AppError("FORBIDDEN", "only an active account issues codes");
	}
}

function requireWhole(field: string, value: number | undefined, max: number): void {
	if (value === undefined || (Number.isSafeInteger(value) && value >= 1 && value <= max)) return;
	throw new AppError("REQUEST_INVALID", `${field} must be a whole number of 1..${max}`, {
		details: { field, min: 1, max },
	});
}
