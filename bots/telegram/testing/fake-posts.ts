import type { FakeBotState, FakeChatState, FakeMessage, FakeUser } from "./fake-state.ts";
import { toMessageJson } from "./fake-state.ts";
import type { FakeUpdateQueue } from "./fake-updates.ts";

/** Somebody in a chat with a bot, and where what he does goes. */
export type FakePerson = {
	readonly bot: FakeBotState;
	readonly chat: FakeChatState;
	readonly updates: FakeUpdateQueue;
	/** Telegram keeps the order of one queue. */
	readonly queue: string;
	readonly nowMs: () => number;
};

export type FakeSay = {
	/** Who writes; the person of a private chat unless told. */
	readonly from?: FakeUser;
	readonly replyTo?: number;
	readonly topicId?: number;
	/** Fields of the message beside the usual ones, laid over them. */
	readonly extra?: Readonly<Record<string, unknown>>;
};

/** @throws Error in a group without `from` */
export function authorOf({ chat }: FakePerson, say: FakeSay): FakeUser {
	const user = say.from ?? chat.user;
	if (user === undefined) throw new Error("a message in a group needs `from`");
	return user;
}

export function addMessage(person: FakePerson, text: string, say: FakeSay): FakeMessage {
	const { chat, nowMs } = person;
	chat.lastMessageId += 1;
	chat.started = true;
	const message: FakeMessage = {
		messageId: chat.lastMessageId,
		dateSeconds: Math.floor(nowMs() / 1000),
		from: authorOf(person, say),
		text,
		entities: [],
		buttons: undefined,
		...(say.replyTo === undefined ? {} : { replyToMessageId: say.replyTo }),
		...(say.topicId === undefined ? {} : { topicId: say.topicId }),
		history: [text],
		deleted: false,
	};
	chat.messages.set(message.messageId, message);
	return message;
}

/** Tells the bot about a message, where it may see it. Returns the message's id. */
export function post(
	person: FakePerson,
	message: FakeMessage,
	fields: Readonly<Record<string, unknown>>,
	say: FakeSay,
): number {
	const { bot, chat, updates, queue } = person;
	const { text: _, ...base } = toMessageJson(chat, message);
	const body = { ...base, ...fields, ...say.extra };
	if (chat.type === "private" || isSeenInGroup(bot, body)) updates.push("message", queue, body);
	return message.messageId;
}

/** Commands and mentions as the real server marks them. */
export function entitiesOf(text: string): { readonly entities?: readonly Record<string, unknown>[] } {
	const entities: Record<string, unknown>[] = [];
	for (const match of text.matchAll(
		/(?<![\w/@])(?:\/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?|@\w{3,32})(?![\w/])/g,
	)) {
		const type = match[0].startsWith("/") ? "bot_command" : "mention";
		entities.push({ type, offset: match.index, length: match[0].length });
	}
	return entities.length > 0 ? { entities } : {};
}

/** Privacy mode (source: core.telegram.org/bots/features#privacy-mode): commands, mentions, replies to the bot, service messages. */
function isSeenInGroup(bot: FakeBotState, body: Readonly<Record<string, unknown>>): boolean {
	if (bot.canReadAllGroupMessages || body["migrate_to_chat_id"] !== undefined) return true;
	const text = String(body["text"] ?? body["caption"] ?? "").toLowerCase();
	const username = bot.me.username.toLowerCase();
	const command = /^\/\w+(?:@(\w+))?/.exec(text);
	if (command !== null) return command[1] === undefined || command[1] === username;
	return isReplyTo(bot, body["reply_to_message"]) || text.includes(`@${username}`);
}

function isReplyTo(bot: FakeBotState, replied: unknown): boolean {
	if (typeof replied !== "object" || replied === null || !("from" in replied)) return false;
	return (replied.from as FakeUser).id === bot.me.id;
}
