import type { Channel, ChannelCapabilities, SendResult } from "../../core/channels/channel.ts";
import type { Inbound, Reply } from "../../core/pipeline/message.ts";
import { chatEventBody, HTTP_BOT_ID, toHttpChat } from "./chat-event.ts";

const TEXT_LENGTH_MAX = 1_000_000;

const CAPABILITIES: ChannelCapabilities = {
	edit: false,
	stream: {},
	buttons: false,
	typing: false,
	attachments: true,
	markup: "plain",
	textLengthMax: TEXT_LENGTH_MAX,
	push: false,
	queueMax: { private: 20, group: 20 },
};

/** HTTP as a channel: it says how a stored request is read. Nothing is ever pushed; the caller fetches the stored result. */
export function createHttpChannel(): Channel {
	const nothing: SendResult = { kind: "undeliverable", why: "HTTP callers fetch their answers" };
	return {
		platform: "http",
		capabilities: CAPABILITIES,
		toInbound,
		render: (reply) => [toPart(reply)],
		send: async () => nothing,
		edit: async () => nothing,
		typing: async () => {},
		draft: async () => nothing,
		answerAction: async () => {},
	};
}

function toInbound(body: unknown, event: { readonly botId: string; readonly eventId: string }): Inbound {
	const parsed = chatEventBody.safeParse(body);
	if (!parsed.success) {
		const chat = { platform: "http", botId: event.botId, id: "unknown", kind: "private" } as const;
		return { chat, content: { kind: "ignored", why: "not a stored chat request" } };
	}
	const { accountId, message, policy } = parsed.data;
	return {
		sender: { platform: "http", botId: HTTP_BOT_ID, userId: accountId },
		chat: toHttpChat(parsed.data),
		messageId: event.eventId,
		content: { kind: "text", text: message, forwarded: false },
		...(policy === undefined ? {} : { policy }),
	};
}

function toPart(reply: Reply): ReturnType<Channel["render"]>[number] {
	const text = reply.markdown.slice(0, TEXT_LENGTH_MAX);
	return { text, plain: text, ...(reply.attachment === undefined ? {} : { attachment: reply.attachment }) };
}
