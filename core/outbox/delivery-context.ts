import type { Channel, SendResult } from "../channels/channel.ts";
import type { Chat } from "../pipeline/message.ts";
import type { Cooldown } from "./cooldown.ts";
import type { LaneHold, StateWrite, WriteState } from "./part.ts";

/** One answer on its way. */
export type DeliveryContext = {
	readonly hold: LaneHold;
	readonly channel: Channel;
	readonly chat: Chat;
	readonly replyToMessageId: string | undefined;
	readonly cooldown: Cooldown;
	readonly writeState: WriteState;
	/** True when this very attempt has just stored the answer, so that a first part marked as being sent was not. */
	readonly isFresh: boolean;
	/** Messages and edits so far, for the pace. */
	readonly used: { calls: number };
	/** False once the lease may be lost: nothing is sent any more. */
	isLive(): boolean;
	elapsedMs(): number;
	/** The person blocked the bot, or the chat is gone. */
	onUnreachable(): Promise<void>;
};

/** final: this part is over (isGone: the whole chat is). later: as far as it goes now; the lane rests for delayMs. */
export type PartStep =
	| { readonly kind: "final"; readonly write: StateWrite; readonly isGone?: boolean }
	| { readonly kind: "later"; readonly write: StateWrite; readonly delayMs: number }
	| { readonly kind: "fenced" };

const BACK_OFF_MS = 500;
/** What a platform's outage costs at most after its end. */
const BACK_OFF_MAX_MS = 30_000;
/** No platform means more than this; an absurd figure must not silence a chat for good. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** Milliseconds until the next try of a step after so many failed ones. */
export function toBackOffMs(failures: number): number {
	return Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS * 2 ** Math.min(failures, 20));
}

/**
 * One request to the platform, unless the lease may be lost or the chat told us to wait: that is "fenced" or as good as the
 * refusal the platform would give.
 */
export async function attempt(
	context: DeliveryContext,
	request: () => Promise<SendResult>,
): Promise<SendResult | { readonly kind: "fenced" }> {
	if (!context.isLive()) return { kind: "fenced" };
	const waitMs = context.cooldown.remainingMs(context.chat);
	if (waitMs > 0) return { kind: "not-sent", why: "the chat is to rest", retryAfterMs: waitMs };
	context.used.calls += 1;
	const result = await request();
	if (result.kind !== "not-sent" || result.retryAfterMs === undefined) return result;
	const retryAfterMs = Math.min(Math.max(result.retryAfterMs, 0), RETRY_AFTER_MAX_MS);
	context.cooldown.start(context.chat, retryAfterMs);
	return { ...result, retryAfterMs };
}
