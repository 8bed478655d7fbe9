import type { FakeFaults } from "./fake-faults.ts";
import type { FakePerson, FakeSay } from "./fake-posts.ts";
import { addMessage, authorOf, entitiesOf, post } from "./fake-posts.ts";
import { pressButton, pressForged, pressStop, setReachable } from "./fake-presses.ts";
import type { FakeAlert, FakeChatState, FakeDraft, FakeMessage } from "./fake-state.ts";
import { toMessageJson } from "./fake-state.ts";

/** A chat as the person in it uses it, and as a test looks at it. */
export type FakeChat = FakeChatView & FakeChatTalk & FakeChatActs;

export type FakeChatView = {
	readonly id: number;
	readonly faults: FakeFaults;
	/** What the bot has said and is still to be seen, oldest first. */
	visibleTexts(): readonly string[];
	visibleMessages(): readonly FakeMessage[];
	/** Every message of the chat, the person's and the deleted ones too. */
	messages(): readonly FakeMessage[];
	drafts(): readonly FakeDraft[];
	typingCount(): number;
	/** What the person was shown for a press; undefined while it spins. */
	alert(queryId: string): FakeAlert | undefined;
};

/** Each returns the new message's id. */
export type FakeChatTalk = {
	sendText(text: string, say?: FakeSay): number;
	forwardText(text: string, say?: FakeSay): number;
	sendPhoto(say?: FakeSay & { readonly caption?: string }): number;
	sendAlbum(count: number, say?: FakeSay & { readonly caption?: string }): readonly number[];
	/** Any other kind of message: `sendMedia({ voice: { … } })`. */
	sendMedia(fields: Readonly<Record<string, unknown>>, say?: FakeSay): number;
	editText(messageId: number, text: string, say?: FakeSay): void;
	deleteMessage(messageId: number): void;
};

export type FakeChatActs = {
	/** Presses the button of that label (or data) on the newest message that has it; returns the query's id. @throws Error when there is none */
	pressButton(labelOrData: string, say?: FakeSay): string;
	/** A press that no message offers. */
	pressForged(data: string, messageId: number, say?: FakeSay): string;
	/** Presses Stop under the newest draft that offers it. @throws Error when none does */
	pressStop(): void;
	block(): void;
	unblock(): void;
	/** The group becomes a supergroup of another id. */
	migrate(toChatId: number): void;
};

export function createFakeChat(person: FakePerson, adopt: (chat: FakeChatState) => void): FakeChat {
	return { ...createView(person), ...createTalk(person), ...createActs(person, adopt) };
}

/** The bot's messages that are still to be seen. */
export function visibleMessages({ bot, chat }: FakePerson): FakeMessage[] {
	return [...chat.messages.values()].filter((message) => message.from.id === bot.me.id && !message.deleted);
}

function createView(person: FakePerson): FakeChatView {
	const { bot, chat } = person;
	return {
		id: chat.id,
		faults: chat.faults,
		visibleTexts: () => visibleMessages(person).map((message) => message.text),
		visibleMessages: () => visibleMessages(person),
		messages: () => [...chat.messages.values()],
		drafts: () => [...chat.drafts.values()],
		typingCount: () => chat.typingCount,
		alert: (queryId) => bot.answeredQueries.get(queryId),
	};
}

function createTalk(person: FakePerson): FakeChatTalk {
	const { chat, updates, nowMs } = person;
	let albums = 0;

	const sendText: FakeChatTalk["sendText"] = (text, say = {}) =>
		post(person, addMessage(person, text, say), { text, ...entitiesOf(text) }, say);
	const sendMedia: FakeChatTalk["sendMedia"] = (fields, say = {}) =>
		post(person, addMessage(person, "", say), fields, say);

	return {
		sendText,
		sendMedia,
		forwardText(text, say = {}) {
			const forward_origin = { type: "hidden_user", sender_user_name: "Somebody", date: 1 };
			return sendText(text, { ...say, extra: { forward_origin, ...say.extra } });
		},
		sendPhoto: (say = {}) => sendMedia({ ...PHOTO, ...captionOf(say) }, say),
		sendAlbum(count, say = {}) {
			albums += 1;
			const group = { ...PHOTO, media_group_id: `${chat.id}${albums}` };
			return Array.from({ length: count }, (_, at) =>
				sendMedia({ ...group, ...(at === 0 ? captionOf(say) : {}) }, say),
			);
		},
		editText(messageId, text, say = {}) {
			const message = chat.messages.get(messageId);
			if (message === undefined) throw new Error(`no message ${messageId}`);
			message.text = text;
			message.history.push(text);
			const edited = { edit_date: Math.floor(nowMs() / 1000), ...entitiesOf(text), ...say.extra };
			updates.push("edited_message", person.queue, { ...toMessageJson(chat, message), ...edited });
		},
		deleteMessage(messageId) {
			const message = chat.messages.get(messageId);
			if (message) message.deleted = true;
		},
	};
}

function createActs(person: FakePerson, adopt: (chat: FakeChatState) => void): FakeChatActs {
	const { bot, chat } = person;
	return {
		pressButton: (labelOrData, say = {}) =>
			pressButton(person, visibleMessages(person).reverse(), labelOrData, authorOf(person, say)),
		pressForged: (data, messageId, say = {}) => pressForged(person, data, messageId, authorOf(person, say)),
		pressStop: () => pressStop(person),
		block: () => setReachable(person, false),
		unblock: () => setReachable(person, true),
		migrate(toChatId) {
			const say = { from: chat.user ?? bot.me };
			post(person, addMessage(person, "", say), { migrate_to_chat_id: toChatId }, say);
			adopt({ ...chat, id: toChatId, type: "supergroup", messages: new Map(), drafts: new Map() });
			chat.migratedTo = toChatId;
		},
	};
}

const PHOTO = {
	photo: [{ file_id: "photo", file_unique_id: "photo", width: 90, height: 90, file_size: 1000 }],
};

function captionOf(say: { readonly caption?: string }): Record<string, unknown> {
	if (say.caption === undefined) return {};
	const { entities } = entitiesOf(say.caption);
	return { caption: say.caption, ...(entities === undefined ? {} : { caption_entities: entities }) };
}
