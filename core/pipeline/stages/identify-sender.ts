import type { AccountContext, TurnContext, TurnKey } from "../../accounts/account.ts";
import { joinSender } from "../../accounts/join-sender.ts";
import { touchSender } from "../../db/senders.ts";
import { AppError } from "../../errors.ts";
import { endSubscriptionOf } from "../../plans/end-subscriptions.ts";
import { toLanguage } from "../../texts/say.ts";
import type { Chat, Language, Sender } from "../message.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn } from "../turn.ts";

/** Who a turn is for and everything decided about him so far. */
export type Caller = {
	readonly sender: Sender;
	readonly chat: Chat;
	/** The chat's normal lane, also for what came in by the fast one. */
	readonly lane: string;
	readonly context: TurnContext;
	readonly account: AccountContext;
	readonly isNew: boolean;
};

export type Identity =
	| { readonly kind: "known"; readonly caller: Caller }
	/** Invite-only and without an account. `hint`: tell him how to get in; he was not told three times today. */
	| {
			readonly kind: "stranger";
			readonly sender: Sender;
			readonly language: Language;
			readonly hint: boolean;
	  };

/**
 * Finds the sender's account, or makes one where the operator lets everybody in.
 *
 * @throws AppError FORBIDDEN for a banned account, AUTH_INVALID_CREDENTIALS for a program whose account is gone
 */
export async function identifySender(deps: PipelineDeps, turn: Turn, sender: Sender): Promise<Identity> {
	const lane = turn.lane.replace(/#fast$/, "");
	const key: TurnKey = { ...sender, lane };
	const found = await deps.findContext(key);
	if (found?.account !== undefined) {
		if (isStale(found, sender)) await touchSender(deps.db, sender);
		const context = await withLiveSubscription(deps, key, found);
		return toKnown({ turn, sender, lane, isNew: false }, context);
	}
	const language = firstLanguage(deps, sender);
	const joined = await joinSender(deps.db, {
		sender,
		mode: deps.settings.joinMode,
		language,
		zone: deps.settings.zoneDefault,
		staff: deps.settings.isStaff(sender),
		pepper: deps.settings.pepper,
	});
	if (joined.kind === "invite-only") return { kind: "stranger", sender, language, hint: joined.hint };
	return toKnown({ turn, sender, lane, isNew: joined.created }, await deps.findContext(key));
}

/** The language to speak to somebody of whom only the platform's hint is known. */
export function firstLanguage(deps: Pick<PipelineDeps, "settings">, sender: Sender | undefined): Language {
	return sender?.languageHint === undefined ? deps.settings.languageDefault : toLanguage(sender.languageHint);
}

function toKnown(
	caller: {
		readonly turn: Turn;
		readonly sender: Sender;
		readonly lane: string;
		readonly isNew: boolean;
	},
	context: TurnContext | undefined,
): Identity {
	const { turn, sender, lane, isNew } = caller;
	const account = context?.account;
	if (context === undefined || account === undefined) {
		throw new AppError("RATE_LIMITED", "the account was changed at the same moment", {
			details: { retryAfterMs: 1_000 },
		});
	}
	if (account.status === "banned") throw new AppError("FORBIDDEN", `account ${account.accountId} is banned`);
	return {
		kind: "known",
		caller: { sender, chat: turn.inbound.chat, lane, context, account, isNew },
	};
}

function isStale(context: TurnContext, sender: Sender): boolean {
	return (
		!context.reachable || (sender.displayName !== undefined && sender.displayName !== context.displayName)
	);
}

/** A subscription whose time is over ends here and now: the account is on the free plan again before it is asked for. */
async function withLiveSubscription(
	deps: PipelineDeps,
	key: TurnKey,
	context: TurnContext,
): Promise<TurnContext | undefined> {
	const { account } = context;
	if (account?.subscription === undefined || account.subscription.live) return context;
	await endSubscriptionOf(deps.db, account.accountId);
	return await deps.findContext(key);
}
