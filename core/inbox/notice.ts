import { z } from "zod";
import type { AcceptOutcome, InboundEvent } from "../core.ts";
import { toLane } from "../core.ts";
import type { Chat, Inbound, Reply } from "../pipeline/message.ts";

/** What is ours must not be refused for a full lane. */
export const NO_LIMIT = 1_000_000;
/** No platform's own event id begins so. */
const PREFIX = "notice:";

/** Where something of ours is said, as it is stored. */
export const chatSchema = z.object({
	platform: z.enum(["terminal", "telegram", "http", "wechat"]),
	botId: z.string(),
	id: z.string(),
	kind: z.enum(["private", "group"]),
	topicId: z.string().optional(),
});

const bodySchema = z.object({
	chat: chatSchema,
	replies: z.array(z.object({ markdown: z.string() })),
});

/**
 * Says something nobody asked for, by the same way as an answer: stored, in the order of its lane, delivered once.
 *
 * @param noticeId the same one again says nothing more
 */
export async function sendNotice(
	accept: (event: InboundEvent) => Promise<AcceptOutcome>,
	notice: { readonly noticeId: string; readonly chat: Chat; readonly replies: readonly Reply[] },
): Promise<void> {
	const { noticeId, chat, replies } = notice;
	await accept({
		platform: chat.platform,
		botId: chat.botId,
		eventId: `${PREFIX}${noticeId}`,
		lane: toLane({ chat }, "normal"),
		bodyJson: JSON.stringify({ chat, replies: replies.map(({ markdown }) => ({ markdown })) }),
		queueMax: NO_LIMIT,
	});
}

/** Reads back what `sendNotice` stored; undefined for every event of a platform. */
export function toNotice(event: { readonly eventId: string; readonly body: unknown }): Inbound | undefined {
	if (!event.eventId.startsWith(PREFIX)) return undefined;
	const body = bodySchema.safeParse(event.body).data;
	if (body === undefined) return undefined;
	const { topicId, ...chat } = body.chat;
	return {
		chat: { ...chat, ...(topicId !== undefined && { topicId }) },
		content: { kind: "notice", replies: body.replies },
	};
}
