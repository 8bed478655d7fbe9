import { z } from "zod";
import type { AcceptOutcome, InboundEvent } from "../core.ts";
import { toLane } from "../core.ts";
import type { Chat, Inbound, Language } from "../pipeline/message.ts";
import { chatSchema, NO_LIMIT } from "./notice.ts";

/** No platform's own event id begins so. */
const PREFIX = "follow:";
/** Beside the chat's own lane: nobody's message waits for it. Of the form of a topic, so that it goes with the chat. */
const LANE = "instance";

const bodySchema = z.object({
	chat: chatSchema,
	accountId: z.string(),
	instanceId: z.string(),
	language: z.enum(["en", "zh-CN", "ru"]),
});

/**
 * Tells in one message how an instance gets on, by the way of an answer: stored, begun again when its node dies, delivered once.
 *
 * @param followId the same one again tells nothing more
 */
export async function sendFollow(
	accept: (event: InboundEvent) => Promise<AcceptOutcome>,
	follow: {
		readonly followId: string;
		readonly chat: Chat;
		readonly accountId: string;
		readonly instanceId: string;
		readonly language: Language;
	},
): Promise<void> {
	const { followId, chat, accountId, instanceId, language } = follow;
	await accept({
		platform: chat.platform,
		botId: chat.botId,
		eventId: `${PREFIX}${followId}`,
		lane: `${toLane({ chat }, "normal")}:${LANE}`,
		bodyJson: JSON.stringify({ chat, accountId, instanceId, language }),
		queueMax: NO_LIMIT,
	});
}

/** Reads back what `sendFollow` stored; undefined for every other event. */
export function toFollow(event: { readonly eventId: string; readonly body: unknown }): Inbound | undefined {
	if (!event.eventId.startsWith(PREFIX)) return undefined;
	const body = bodySchema.safeParse(event.body).data;
	if (body === undefined) return undefined;
	const { accountId, instanceId, language } = body;
	const { topicId, ...chat } = body.chat;
	return {
		chat: { ...chat, ...(topicId !== undefined && { topicId }) },
		content: { kind: "follow", accountId, instanceId, language },
	};
}
