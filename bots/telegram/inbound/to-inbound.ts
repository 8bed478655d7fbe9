import type { Chat, Inbound, InboundContent, Sender } from "../../../core/pipeline/message.ts";
import { shorten } from "../rendering/render.ts";
import { toSafeText } from "../rendering/safe-text.ts";
import type { BotIdentity } from "./address.ts";
import { messageContent } from "./message-content.ts";
import type { TelegramMessage, TelegramPlace, TelegramUpdate, TelegramUser } from "./update-shape.ts";
import { updateShape } from "./update-shape.ts";

export type InboundContext = {
	readonly identity: BotIdentity | undefined;
	/** Commands a group may give without naming the bot. */
	readonly commandNames: ReadonlySet<string>;
};

const ACTION_DATA_LENGTH_MAX = 64;
const NAME_LENGTH_MAX = 128;

/** Pure and total: whatever was stored becomes an Inbound, at worst `ignored` (source: design security, rows 9–23 and 28). */
export function toInbound(
	body: unknown,
	event: { readonly botId: string; readonly eventId: string },
	context: InboundContext,
): Inbound {
	const { botId } = event;
	const parsed = updateShape.safeParse(body);
	if (!parsed.success) return ignored(nowhere(botId), "not an update");
	const update = parsed.data;
	if (update.message) return fromMessage(update.message, botId, context);
	if (update.callback_query) return fromCallback(update.callback_query, botId);
	if (update.stopped_message_generation) return fromStop(update.stopped_message_generation, botId);
	if (update.my_chat_member) return fromMembership(update.my_chat_member, botId);
	if (update.edited_message) return ignored(toChat(update.edited_message, botId), "edited");
	const post = update.channel_post ?? update.edited_channel_post;
	if (post) return ignored(toChat(post, botId), "channel post");
	if (update.pre_checkout_query) {
		const chat: Chat = { ...nowhere(botId), id: String(update.pre_checkout_query.from.id) };
		return ignored(chat, "nothing is for sale here");
	}
	return ignored(nowhere(botId), "unknown update");
}

function fromMessage(message: TelegramMessage, botId: string, context: InboundContext): Inbound {
	const chat = toChat(message, botId);
	const { from } = message;
	if (message.chat.type === "channel") return ignored(chat, "channel post");
	if (message.migrate_to_chat_id !== undefined) {
		return { chat, content: { kind: "chat-migrated", toChatId: String(message.migrate_to_chat_id) } };
	}
	// Also anonymous admins and a linked channel's posts: nobody in particular, so nobody to bill or to bind.
	if (message.sender_chat !== undefined || message.is_automatic_forward === true || from === undefined) {
		return ignored(chat, "no sender");
	}
	if (from.is_bot || String(from.id) === botId) return ignored(chat, "a bot");
	const { identity, commandNames } = context;
	const content = messageContent(message, { botId, username: identity?.username, commandNames });
	return { sender: toSender(from, botId), chat, messageId: String(message.message_id), content };
}

function fromCallback(query: NonNullable<TelegramUpdate["callback_query"]>, botId: string): Inbound {
	const { from, message, data } = query;
	if (message === undefined || message.chat.type === "channel" || from.is_bot) {
		return ignored(nowhere(botId), "a press outside of our chats");
	}
	const messageId = String(message.message_id);
	return {
		sender: toSender(from, botId),
		chat: toChat(message, botId),
		messageId,
		content: {
			kind: "action",
			actionId: query.id,
			data: (data ?? "").slice(0, ACTION_DATA_LENGTH_MAX).toWellFormed(),
			messageId,
		},
	};
}

/** Only the person of a private chat sees the button, so the chat says who pressed it. */
function fromStop(stop: NonNullable<TelegramUpdate["stopped_message_generation"]>, botId: string): Inbound {
	const { chat: place, message_thread_id } = stop;
	const chat = toChat({ chat: place, message_thread_id, is_topic_message: true }, botId);
	if (place.type !== "private") return ignored(chat, "a stop outside of a private chat");
	const sender: Sender = { platform: "telegram", botId, userId: String(place.id) };
	return { sender, chat, content: { kind: "stop" } };
}

/** In a group it is about the group, not about the admin who did it. */
function fromMembership(change: NonNullable<TelegramUpdate["my_chat_member"]>, botId: string): Inbound {
	const chat = toChat(change, botId);
	if (change.chat.type === "channel") return ignored(chat, "channel membership");
	const { status } = change.new_chat_member;
	const content: InboundContent = {
		kind: "membership",
		reachable: status !== "kicked" && status !== "left",
	};
	return change.chat.type === "private"
		? { sender: toSender(change.from, botId), chat, content }
		: { chat, content };
}

function toSender(user: TelegramUser, botId: string): Sender {
	const name = toSafeText(`${user.first_name ?? ""} ${user.last_name ?? ""}`).trim();
	return {
		platform: "telegram",
		botId,
		userId: String(user.id),
		...(name !== "" && { displayName: shorten(name, NAME_LENGTH_MAX) }),
		...(user.language_code !== undefined && { languageHint: user.language_code }),
	};
}

function toChat(
	place:
		| Pick<TelegramPlace, "chat" | "message_thread_id" | "is_topic_message">
		| { readonly chat: TelegramPlace["chat"] },
	botId: string,
): Chat {
	const topicId =
		"is_topic_message" in place && place.is_topic_message === true ? place.message_thread_id : undefined;
	return {
		platform: "telegram",
		botId,
		id: String(place.chat.id),
		kind: place.chat.type === "private" ? "private" : "group",
		...(topicId !== undefined && { topicId: String(topicId) }),
	};
}

/** For what belongs to no chat. */
function nowhere(botId: string): Chat {
	return { platform: "telegram", botId, id: "0", kind: "private" };
}

function ignored(chat: Chat, why: string): Inbound {
	return { chat, content: { kind: "ignored", why } };
}
