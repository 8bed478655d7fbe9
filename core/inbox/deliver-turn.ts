import type { Channel } from "../channels/channel.ts";
import { deliver } from "../outbox/deliver.ts";
import type { OutboxPart } from "../outbox/part.ts";
import type { Inbound } from "../pipeline/message.ts";
import { withCrashPoints } from "./crash-delivery.ts";
import type { HeldTurn } from "./leases.ts";
import { toReplyTarget } from "./reply-target.ts";
import { blankSecretAnswer } from "./secret-answers.ts";
import type { TurnDeps } from "./turn-deps.ts";

export type TurnDelivery = {
	readonly turn: HeldTurn;
	readonly channel: Channel;
	readonly inbound: Inbound;
	readonly parts: readonly OutboxPart[];
	/** The answer was stored by this very attempt. */
	readonly isFresh: boolean;
	/** Messages and edits the preview used. */
	readonly calls: number;
	readonly toast?: string | undefined;
	/** There was nothing to deliver: the event is over already; isMore: its lane has more to do. */
	readonly isEnded?: boolean;
	readonly isMore?: boolean;
	/** The answer shows something once, or the question held it: it is blanked as soon as the answer is delivered. */
	readonly holdsSecret?: boolean;
};

/** Delivers a stored answer and acknowledges a pressed button. True: the lane has more to do at once. */
export async function deliverTurn(deps: TurnDeps, delivery: TurnDelivery): Promise<boolean> {
	const { turn, inbound, parts, isFresh } = delivery;
	const { chat, content } = inbound;
	const channel = withCrashPoints(delivery.channel);
	const isLive = (): boolean => deps.leases.isLive(turn);
	const acknowledged =
		content.kind === "action" && isLive()
			? channel.answerAction(chat, content.actionId, delivery.toast)
			: Promise.resolve();
	if (delivery.isEnded === true) {
		// Where answers are fetched, this one still is to be.
		const isOver = delivery.holdsSecret === true && channel.capabilities.push;
		await Promise.all([acknowledged, isOver && blank(deps, turn)]);
		return delivery.isMore === true;
	}
	const context = {
		hold: turn.claim,
		channel,
		chat,
		replyToMessageId: toReplyTarget(inbound).replyToMessageId,
		cooldown: deps.cooldown,
		writeState: deps.writeState,
		isFresh,
		used: { calls: delivery.calls },
		isLive,
		elapsedMs: () => performance.now() - turn.startedAt,
		onUnreachable: async () => await markUnreachable(deps, inbound),
	};
	const [outcome] = await Promise.all([deliver(context, parts), acknowledged]);
	// An earlier attempt has not said whether it holds a secret; asking is cheap and rare.
	const mayHoldSecret = delivery.holdsSecret === true || !isFresh;
	if (mayHoldSecret && (outcome === "done" || outcome === "more")) await blank(deps, turn);
	return outcome === "more";
}

async function blank({ db, log }: TurnDeps, { claim }: HeldTurn): Promise<void> {
	await blankSecretAnswer(db, claim.inboxId).catch((error: unknown) => {
		log.warn({ err: error, inboxId: claim.inboxId }, "a secret is not blanked yet; the job will");
	});
}

/** A group that throws the bot out says nothing about the person who wrote. */
async function markUnreachable({ db, log }: TurnDeps, { sender, chat }: Inbound): Promise<void> {
	if (sender === undefined || chat.kind !== "private") return;
	const { platform, botId, userId } = sender;
	log.info({ platform, botId }, "sender is unreachable; the answer stays stored");
	await db("senders").where({ platform, bot_id: botId, user_id: userId }).update({ reachable: false });
}
