import type { Knex } from "knex";
import type { SenderAddress } from "../accounts/account.ts";
import { lockWithSender } from "../accounts/join-sender.ts";
import { hasBelongings } from "../db/accounts.ts";
import type { StoredCode } from "../db/bind-codes.ts";
import { consumeCode, setCodeUser } from "../db/bind-codes.ts";
import { listAllSenders } from "../db/erasure.ts";
import { hasPaidTokens } from "../db/ledger-days.ts";
import { listSenders, setSenderAccount } from "../db/senders.ts";
import { findActiveSubscription, lockAccount } from "../db/subscriptions.ts";
import { AppError } from "../errors.ts";
import { hasPending } from "../ledger/accounts.ts";
import type { Sender } from "../pipeline/message.ts";
import { FREE_PLAN_ID } from "../plans/plan.ts";
import { eraseAccount } from "../privacy/delete-account.ts";

export type Joined = {
	readonly kind: "link";
	readonly accountId: string;
	readonly others: readonly SenderAddress[];
};

/** codeId: what the code is remembered by until the answer; the code itself is kept by nobody. */
export type Asks = Omit<Joined, "kind"> & { readonly kind: "asks"; readonly codeId: string };

/**
 * Moves a sender to the account that issued the code. An account of his own that nobody else uses is closed and forgotten:
 * its free grant goes with it, so that linking never doubles the quota, and it is refused while there is something paid in it.
 *
 * @returns undefined when the code was used up meanwhile or the issuer is gone; asks: nothing was done yet
 * @throws AppError FORBIDDEN (details.reason "people-only") for a program: its key would carry off, or erase, people's accounts
 */
export async function joinAccount(
	trx: Knex.Transaction,
	pepper: string,
	code: StoredCode,
	turn: {
		readonly sender: Sender;
		readonly current: string | undefined;
		readonly turnId: string;
		readonly asksFirst: boolean;
	},
): Promise<Joined | Asks | undefined> {
	const { sender, current, turnId, asksFirst } = turn;
	const target = code.accountId;
	if (target === undefined) return undefined;
	if (sender.platform === "http") {
		throw new AppError("FORBIDDEN", "a program has no account of its own to move", {
			details: { reason: "people-only" },
		});
	}
	if (target === current) {
		throw new AppError("BIND_CODE_INVALID", "the code was issued by this very account", {
			details: { reason: "own-code" },
		});
	}
	await lockWithSender(trx, sender, current, [target]);
	if ((await lockAccount(trx, target)) !== "active") return undefined;
	const isLeftAlone = current !== undefined && (await listSenders(trx, current)).length <= 1;
	if (isLeftAlone) await requireDispensable(trx, current);
	else if (current !== undefined) await requireActive(trx, current);
	if (asksFirst && isLeftAlone && (await hasBelongings(trx, current))) {
		return { kind: "asks", accountId: target, others: await listSenders(trx, target), codeId: code.id };
	}
	if (!(await consumeCode(trx, code.id, turnId))) return undefined;
	await setCodeUser(trx, code.id, target);
	await setSenderAccount(trx, sender, target);
	if (isLeftAlone) {
		const senders = [sender, ...(await listAllSenders(trx, current))];
		await eraseAccount(trx, { accountId: current, pepper, banned: false, senders });
	}
	return await describeLink(trx, target, sender);
}

/** The account as its new sender is told about it. */
export async function describeLink(trx: Knex, accountId: string, sender: Sender): Promise<Joined> {
	const others = (await listSenders(trx, accountId)).filter(
		(other) =>
			other.platform !== sender.platform || other.botId !== sender.botId || other.userId !== sender.userId,
	);
	return { kind: "link", accountId, others };
}

async function requireDispensable(trx: Knex, accountId: string): Promise<void> {
	await requireActive(trx, accountId);
	const subscription = await findActiveSubscription(trx, accountId);
	const hasPlan = subscription?.live === true && subscription.planId !== FREE_PLAN_ID;
	if (hasPlan || (await hasPaidTokens(trx, accountId))) {
		throw new AppError("REQUEST_INVALID", "the sender's own account holds something paid", {
			status: 409,
			details: { reason: "account-has-plan" },
		});
	}
	if (await hasPending(trx, accountId)) {
		throw new AppError("REQUEST_INVALID", "the sender's own account has a call under way", {
			status: 409,
			details: { reason: "account-busy" },
		});
	}
}

/** Nobody leaves a ban behind by moving to another account. @throws AppError FORBIDDEN */
export async function requireActive(trx: Knex, accountId: string): Promise<void> {
	if ((await lockAccount(trx, accountId)) !== "active") {
		throw new AppError("FORBIDDEN", "the sender's account is banned");
	}
}
