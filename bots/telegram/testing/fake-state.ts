import type { FakeFaults } from "./fake-faults.ts";
import type { FakeEntity } from "./fake-html.ts";

export type FakeUser = {
	readonly id: number;
	readonly is_bot: boolean;
	readonly first_name: string;
	readonly last_name?: string;
	readonly username?: string;
	readonly language_code?: string;
};

export type FakeButton = { readonly text: string; readonly callback_data?: string; readonly url?: string };

/** One message as everybody in the chat sees it, with all it ever said. */
export type FakeMessage = {
	readonly messageId: number;
	readonly dateSeconds: number;
	readonly from: FakeUser;
	text: string;
	entities: readonly FakeEntity[];
	buttons: readonly (readonly FakeButton[])[] | undefined;
	readonly replyToMessageId?: number;
	readonly topicId?: number;
	readonly document?: { readonly filename: string; readonly content: string };
	/** Every text it had, the first included. */
	readonly history: string[];
	deleted: boolean;
};

export type FakeDraft = {
	readonly draftId: number;
	readonly canStop: boolean;
	readonly history: string[];
	text: string;
};

export type FakeChatState = {
	readonly id: number;
	readonly type: "private" | "group" | "supergroup";
	readonly title?: string;
	/** The person of a private chat. */
	readonly user?: FakeUser;
	readonly messages: Map<number, FakeMessage>;
	readonly drafts: Map<number, FakeDraft>;
	readonly topics: Set<number>;
	readonly faults: FakeFaults;
	lastMessageId: number;
	typingCount: number;
	/** The person blocked the bot, or the group removed it. */
	blocked: boolean;
	/** A bot cannot write first. */
	started: boolean;
	migratedTo?: number;
	/** Milliseconds of the fake's clock; every call before it is answered with 429. */
	limitedUntilMs: number;
};

export type FakeAlert = { readonly text: string; readonly showAlert: boolean };

export type FakeBotState = {
	readonly token: string;
	readonly me: FakeUser & { readonly username: string };
	readonly canReadAllGroupMessages: boolean;
	readonly chats: Map<number, FakeChatState>;
	readonly faults: FakeFaults;
	/** Unanswered button presses, and what those that were answered got to read. */
	readonly openQueries: Set<string>;
	readonly answeredQueries: Map<string, FakeAlert>;
	/** Command lists by "scope/language". */
	readonly commands: Map<string, readonly { readonly command: string; readonly description: string }[]>;
	/** setMyDescription and setMyShortDescription by "method/language". */
	readonly profile: Map<string, string>;
	readonly files: Map<string, Buffer>;
};

export function toUserJson(user: FakeUser): Record<string, unknown> {
	return { ...user };
}

export function toChatJson(chat: FakeChatState): Record<string, unknown> {
	if (chat.user) {
		const { first_name, last_name, username } = chat.user;
		return { id: chat.id, first_name, last_name, username, type: "private" };
	}
	return { id: chat.id, title: chat.title, type: chat.type, is_forum: chat.topics.size > 0 || undefined };
}

export function toMessageJson(chat: FakeChatState, message: FakeMessage): Record<string, unknown> {
	const replied =
		message.replyToMessageId === undefined ? undefined : chat.messages.get(message.replyToMessageId);
	return {
		message_id: message.messageId,
		from: toUserJson(message.from),
		chat: toChatJson(chat),
		date: message.dateSeconds,
		...(message.topicId === undefined ? {} : { message_thread_id: message.topicId, is_topic_message: true }),
		...(replied && !replied.deleted
			? { reply_to_message: toMessageJson(chat, { ...replied, replyToMessageId: -1 }) }
			: {}),
		...(message.document === undefined
			? { text: message.text }
			: { document: { file_name: message.document.filename }, caption: message.text }),
		...(message.entities.length > 0 ? { entities: message.entities } : {}),
		...(message.buttons ? { reply_markup: { inline_keyboard: message.buttons } } : {}),
	};
}
