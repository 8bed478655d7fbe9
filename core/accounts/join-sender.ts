import type { Knex } from "knex";
import { insertAccount } from "../db/accounts.ts";
import { holdGrant } from "../db/ledger-days.ts";
import { findPlan } from "../db/plans.ts";
import { claimSender, countHint, setSenderAccount } from "../db/senders.ts";
import { lockAccount } from "../db/subscriptions.ts";
import { findTombstone } from "../db/tombstones.ts";
import { AppError } from "../errors.ts";
import { openAccount } from "../ledger/accounts.ts";
import type { Language, Sender } from "../pipeline/message.ts";
import { insertFreeSubscription } from "../plans/end-subscriptions.ts";
import { FREE_PLAN_ID } from "../plans/plan.ts";
import { hashSender } from "./sender-hash.ts";

/** Hints a day to somebody without an account (source: security S35). */
const HINTS_MAX = 3;

export type JoinRequest = {
	readonly sender: Sender;
	/** invite: only who redeems a bind code (or is staff) gets an account. */
	readonly mode: "auto" | "invite";
	readonly language: Language;
	/** IANA name the server knows. */
	readonly zone: string;
	/** Named by the operator's configuration. */
	readonly staff: boolean;
	/** Key of the hash by which somebody who left is known again. */
	readonly pepper: string;
};

export type JoinOutcome =
	| { readonly kind: "joined"; readonly accountId: string; readonly created: boolean }
	/** hint: say how to get in; false: he was told three times today, be silent. */
	| { readonly kind: "invite-only"; readonly hint: boolean };

/**
 * The sender's account, made with the free plan when there is none: one account however many first messages come at a time.
 * Who left in the last 30 days gets no second grant for the day and stays banned if he was.
 *
 * @throws AppError AUTH_INVALID_CREDENTIALS for a program's sender without an account: its key is gone.
 */
export async function joinSender(db: Knex, request: JoinRequest): Promise<JoinOutcome> {
	const { sender, mode, staff } = request;
	if (sender.platform === "http") {
		throw new AppError("AUTH_INVALID_CREDENTIALS", "the account behind this key does not exist any more");
	}
	return await db.transaction<JoinOutcome>(async (trx) => {
		const existing = await claimSender(trx, sender, staff);
		if (existing !== undefined) return { kind: "joined", accountId: existing, created: false };
		if (mode === "invite" && !staff) {
			return { kind: "invite-only", hint: (await countHint(trx, sender)) <= HINTS_MAX };
		}
		return { kind: "joined", accountId: await openAccountFor(trx, request), created: true };
	});
}

/** A new account for a sender whose row this transaction has claimed. `startsTomorrow`: no grant for today in any case. */
export async function openAccountFor(
	trx: Knex.Transaction,
	request: Pick<JoinRequest, "sender" | "language" | "zone" | "pepper"> & {
		readonly startsTomorrow?: boolean;
	},
): Promise<string> {
	const { sender, language, zone, pepper, startsTomorrow = false } = request;
	const tombstone = await findTombstone(trx, hashSender(pepper, sender));
	const free = await findPlan(trx, FREE_PLAN_ID);
	const accountId = await insertAccount(trx, {
		language,
		status: tombstone?.banned === true ? "banned" : "active",
	});
	await openAccount(trx, {
		accountId,
		zone,
		dailyTokens: free?.dailyTokens ?? 0,
		startsTomorrow,
	});
	if (tombstone?.noGrantUntil !== undefined) await holdGrant(trx, accountId, tombstone.noGrantUntil);
	if (free !== undefined) await insertFreeSubscription(trx, accountId);
	await setSenderAccount(trx, sender, accountId);
	return accountId;
}

/**
 * Locks the given accounts in id order, then the sender's row: the one order everything here keeps to.
 *
 * @returns the sender's account; undefined: it has none
 * @throws AppError RATE_LIMITED (retryable) when the sender was moved to another account meanwhile
 */
export async function lockWithSender(
	trx: Knex.Transaction,
	sender: Sender,
	expected: string | undefined,
	others: readonly string[] = [],
): Promise<string | undefined> {
	const ids = new Set(expected === undefined ? others : [expected, ...others]);
	for (const id of [...ids].sort((a, b) => Number(BigInt(a) - BigInt(b)))) await lockAccount(trx, id);
	const current = await claimSender(trx, sender, false);
	if (current !== expected) {
		throw new AppError("RATE_LIMITED", "the sender changed accounts at the same moment", {
			details: { retryAfterMs: 1_000 },
		});
	}
	return current;
}
