import { z } from "zod";
import type { InboundEvent } from "../../core/core.ts";
import { toLane } from "../../core/core.ts";
import type { Chat } from "../../core/pipeline/message.ts";

/** The one listener: HTTP callers are told apart by account, not by bot. */
export const HTTP_BOT_ID = "http";

/**
 * What is stored of a request, and all that makes it "the same request" under an Idempotency-Key: how the answer is wanted
 * (JSON or stream) is no part of it.
 */
export const chatEventBody = z.object({
	accountId: z.string().min(1),
	conversation: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
	message: z.string().min(1),
	policy: z.enum(["BEST", "CHEAP", "CN_OK"]).optional(),
});

export type ChatEventBody = z.infer<typeof chatEventBody>;

/** One chat a conversation: the account is the chat, the conversation its topic. */
export function toHttpChat(body: ChatEventBody): Chat {
	return {
		platform: "http",
		botId: HTTP_BOT_ID,
		id: body.accountId,
		kind: "private",
		topicId: body.conversation,
	};
}

/** The event core stores. /stop takes the fast lane: it must not wait behind the answer it stops. */
export function toChatEvent(body: ChatEventBody, idempotencyKey: string, queueMax: number): InboundEvent {
	const { accountId, conversation, message, policy } = body;
	const speed = message.trim().toLowerCase() === "/stop" ? "fast" : "normal";
	return {
		platform: "http",
		botId: HTTP_BOT_ID,
		eventId: `${accountId}:${idempotencyKey}`,
		lane: toLane({ chat: toHttpChat(body) }, speed),
		// In this order always: the hash of this text decides between "again" and "another request".
		bodyJson: JSON.stringify({ accountId, conversation, message, policy }),
		queueMax,
	};
}
