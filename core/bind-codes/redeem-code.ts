import type { Knex } from "knex";
import type { SenderAddress } from "../accounts/account.ts";
import { lockWithSender, openAccountFor } from "../accounts/join-sender.ts";
import { countWrongCode, findBlockMs, lockScope } from "../db/bind-attempts.ts";
import type { StoredCode } from "../db/bind-codes.ts";
import { consumeCode, findCode, findCodeById, revokeCode, setCodeUser } from "../db/bind-codes.ts";
import { findSenderAccount } from "../db/senders.ts";
import { AppError } from "../errors.ts";
import type { Chat, Language, Sender } from "../pipeline/message.ts";
import { activateSubscription } from "../plans/activate-subscription.ts";
import { hashCode, parseCode } from "./code.ts";
import { describeLink, joinAccount, requireActive } from "./join-account.ts";

export type RedeemRequest = {
	/** As it was typed or carried by a deep link; or the id that a question to this very sender remembers. */
	readonly code: string | { readonly id: string };
	readonly sender: Sender;
	/** Wrong codes are counted by chat; groups are refused. */
	readonly chat: Pick<Chat, "platform" | "botId" | "id" | "kind">;
	/** For the account of a sender who has none yet. */
	readonly language: Language;
	readonly zone: string;
	/** Names the turn (its inbox id): the same turn, repeated after a crash, gets the same answer. */
	readonly turnId: string;
	/**
	 * True: a link code is only looked at where joining would erase an account of the sender's own that is in use. A deep link
	 * is opened by one tap, and whoever made its code reads from then on what is said here (source: security S2).
	 */
	readonly asksFirst?: boolean;
};

export type RedeemOutcome =
	| {
			readonly kind: "plan";
			readonly accountId: string;
			readonly planName: string;
			readonly endsAt: Date | undefined;
			/** A plan that ended with this. */
			readonly replacedPlanId: string | undefined;
	  }
	| {
			readonly kind: "link";
			/** The account the sender writes for from now on. */
			readonly accountId: string;
			/** Everybody else who writes for it, oldest first: tell them that somebody joined (source: security S2). */
			readonly others: readonly SenderAddress[];
	  }
	/**
	 * The code is good and not used up: the sender is to be asked. others: everybody who writes for the account. codeId: what to
	 * come back with.
	 */
	| {
			readonly kind: "asks";
			readonly accountId: string;
			readonly others: readonly SenderAddress[];
			readonly codeId: string;
	  };

type Attempt =
	| RedeemOutcome
	| { readonly kind: "wrong" }
	| { readonly kind: "blocked"; readonly waitMs: number };

/**
 * Uses a code up, together with what it is for, in one transaction. Unknown, used, expired and revoked codes are all the same
 * to the caller and count as wrong: five in ten minutes shut the chat out for an hour, a hundred a minute pause binding for all.
 *
 * @throws AppError BIND_CODE_INVALID (details.reason "own-code" for the own account's); RATE_LIMITED with details.retryAfterMs;
 *   FORBIDDEN in a group (the code is worthless then), for a program (details.reason "people-only") and for a banned account; REQUEST_INVALID when the sender's own account
 *   would be lost with what he paid for (details.reason "account-has-plan") or is in use right now ("account-busy").
 */
export async function redeemBindCode(
	db: Knex,
	pepper: string,
	request: RedeemRequest,
): Promise<RedeemOutcome> {
	if (request.chat.kind !== "private") {
		if (typeof request.code === "string") await revokeExposedCode(db, pepper, request.code);
		throw new AppError("FORBIDDEN", "codes are for private chats", { details: { reason: "code-in-group" } });
	}
	const find = toFinder(pepper, request.code);
	if (find === undefined) throw new AppError("BIND_CODE_INVALID", "not the form of a code");
	const attempt = await db.transaction(async (trx) => await tryCode(trx, pepper, find, request));
	if (attempt.kind === "wrong") throw new AppError("BIND_CODE_INVALID", "no live code has this hash");
	if (attempt.kind === "blocked") {
		throw new AppError("RATE_LIMITED", "too many wrong codes", { details: { retryAfterMs: attempt.waitMs } });
	}
	return attempt;
}

/** A code that a group has seen is worthless from now on. Silent about whether it was one. */
export async function revokeExposedCode(db: Knex, pepper: string, input: string): Promise<void> {
	const code = parseCode(input);
	if (code !== undefined) await revokeCode(db, hashCode(pepper, code));
}

type Finder = (trx: Knex.Transaction) => Promise<StoredCode | undefined>;

/** Undefined: this cannot be a code. */
function toFinder(pepper: string, given: RedeemRequest["code"]): Finder | undefined {
	if (typeof given !== "string") return async (trx) => await findCodeById(trx, given.id);
	const code = parseCode(given);
	return code === undefined ? undefined : async (trx) => await findCode(trx, hashCode(pepper, code));
}

async function tryCode(
	trx: Knex.Transaction,
	pepper: string,
	find: Finder,
	request: RedeemRequest,
): Promise<Attempt> {
	const { platform, botId, id } = request.chat;
	const scope = `${platform}:${botId}:${id}`;
	await lockScope(trx, scope);
	const waitMs = await findBlockMs(trx, scope);
	if (waitMs > 0) return { kind: "blocked", waitMs };
	const code = await find(trx);
	const outcome = code === undefined ? undefined : await useCode(trx, pepper, code, request);
	if (outcome !== undefined) return outcome;
	await countWrongCode(trx, scope);
	return { kind: "wrong" };
}

/** Undefined: the code is dead, or was used by somebody else a moment ago. */
async function useCode(
	trx: Knex.Transaction,
	pepper: string,
	code: StoredCode,
	request: RedeemRequest,
): Promise<RedeemOutcome | undefined> {
	const isRepeat = code.usedIn === request.turnId;
	if (!code.live && !isRepeat) return undefined;
	const current = await findSenderAccount(trx, request.sender);
	if (code.purpose === "plan") return await usePlanCode(trx, pepper, code, { request, current, isRepeat });
	if (isRepeat) {
		return current === undefined ? undefined : await describeLink(trx, current, request.sender);
	}
	const { sender, turnId, asksFirst = false } = request;
	return await joinAccount(trx, pepper, code, { sender, current, turnId, asksFirst });
}

async function usePlanCode(
	trx: Knex.Transaction,
	pepper: string,
	code: StoredCode,
	turn: {
		readonly request: RedeemRequest;
		readonly current: string | undefined;
		readonly isRepeat: boolean;
	},
): Promise<RedeemOutcome | undefined> {
	const { request, current, isRepeat } = turn;
	await lockWithSender(trx, request.sender, current);
	if (current !== undefined) await requireActive(trx, current);
	if (!isRepeat && !(await consumeCode(trx, code.id, request.turnId))) return undefined;
	const accountId = current ?? (await openAccountFor(trx, { ...request, pepper }));
	const { planName, endsAt, replacedPlanId } = await activateSubscription(trx, {
		accountId,
		planId: code.planId ?? "",
		months: code.planMonths,
		source: "bind-code",
		externalId: code.id,
		...(code.dailyTokens !== undefined && { dailyTokens: code.dailyTokens }),
	});
	await setCodeUser(trx, code.id, accountId);
	return { kind: "plan", accountId, planName, endsAt, replacedPlanId };
}
