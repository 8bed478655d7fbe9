import { badRequest, FakeApiError, forbidden, tooManyRequests } from "./fake-error.ts";
import type { FakeParams } from "./fake-params.ts";
import type { FakeBotState, FakeButton, FakeChatState, FakeMessage } from "./fake-state.ts";
import { toMessageJson } from "./fake-state.ts";
import { readButtons, readCaption, readText } from "./fake-text.ts";

export type FakeCall = {
	readonly bot: FakeBotState;
	readonly params: FakeParams;
	readonly nowMs: number;
};

const CHAT_ACTIONS: readonly string[] = [
	"typing",
	"upload_photo",
	"record_video",
	"upload_video",
	"record_voice",
	"upload_voice",
	"upload_document",
	"choose_sticker",
	"find_location",
	"record_video_note",
	"upload_video_note",
];

export function sendMessage(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	const { text, entities } = readText(call.params);
	const message = addBotMessage(call, chat, { text, entities, buttons: readButtons(call.params) });
	return toMessageJson(chat, message);
}

export function sendDocument(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	const file = call.params.file("document");
	if (file === undefined) throw badRequest("there is no document in the request");
	if (file.content.length === 0) throw badRequest("file must be non-empty");
	const { text, entities } = readCaption(call.params);
	const message = addBotMessage(call, chat, {
		text,
		entities,
		buttons: readButtons(call.params),
		document: { filename: file.filename, content: file.content.toString("utf8") },
	});
	return toMessageJson(chat, message);
}

export function editMessageText(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	const message = chat.messages.get(call.params.integer("message_id") ?? 0);
	if (message === undefined || message.deleted) throw badRequest("message to edit not found");
	if (message.from.id !== call.bot.me.id) throw badRequest("message can't be edited");
	if (message.document !== undefined) throw badRequest("there is no text in the message to edit");
	const { text, entities } = readText(call.params);
	const buttons = readButtons(call.params);
	if (isSame(message, text, entities, buttons)) {
		throw badRequest(
			"message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
		);
	}
	message.text = text;
	message.entities = entities;
	message.buttons = buttons;
	message.history.push(text);
	return toMessageJson(chat, message);
}

export function deleteMessage(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	const message = chat.messages.get(call.params.integer("message_id") ?? 0);
	if (message === undefined || message.deleted) throw badRequest("message to delete not found");
	message.deleted = true;
	return true;
}

/** A preview; it is gone as soon as the bot says something for good. */
export function sendMessageDraft(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	if (chat.type !== "private") throw badRequest("TEXTDRAFT_PEER_INVALID");
	const draftId = call.params.integer("draft_id") ?? 0;
	if (draftId === 0) throw badRequest("draft_id must be non-zero");
	const { text } = readText(call.params, { mayBeEmpty: true });
	const before = chat.drafts.get(draftId);
	chat.drafts.set(draftId, {
		draftId,
		text,
		canStop: call.params.flag("can_stop"),
		history: [...(before?.history ?? []), text],
	});
	return true;
}

export function sendChatAction(call: FakeCall): unknown {
	const chat = requireWritableChat(call);
	if (!CHAT_ACTIONS.includes(call.params.text("action"))) {
		throw badRequest("wrong parameter action in request");
	}
	chat.typingCount += 1;
	return true;
}

export function answerCallbackQuery(call: FakeCall): unknown {
	const id = call.params.text("callback_query_id");
	if (!call.bot.openQueries.delete(id)) {
		throw badRequest("query is too old and response timeout expired or query ID is invalid");
	}
	const text = call.params.text("text");
	if (text.length > 200) throw badRequest("MESSAGE_TOO_LONG");
	call.bot.answeredQueries.set(id, { text, showAlert: call.params.flag("show_alert") });
	return true;
}

/** The chat of a call, once every reason not to speak in it is ruled out. */
function requireWritableChat({ bot, params, nowMs }: FakeCall): FakeChatState {
	if (!params.has("chat_id") || params.text("chat_id") === "") throw badRequest("chat_id is empty");
	const chat = bot.chats.get(params.integer("chat_id") ?? 0);
	if (chat === undefined) throw badRequest("chat not found");
	if (chat.limitedUntilMs > nowMs) {
		throw tooManyRequests(Math.max(Math.ceil((chat.limitedUntilMs - nowMs) / 1000), 1));
	}
	if (chat.migratedTo !== undefined) {
		throw new FakeApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", {
			migrate_to_chat_id: chat.migratedTo,
		});
	}
	if (chat.blocked) {
		throw forbidden(
			chat.type === "private" ? "bot was blocked by the user" : `bot was kicked from the ${chat.type} chat`,
		);
	}
	if (!chat.started) throw forbidden("bot can't initiate conversation with a user");
	const topicId = params.integer("message_thread_id");
	if (topicId !== undefined && !chat.topics.has(topicId)) throw badRequest("message thread not found");
	return chat;
}

function addBotMessage(
	{ bot, params, nowMs }: FakeCall,
	chat: FakeChatState,
	content: Pick<FakeMessage, "text" | "entities" | "buttons" | "document">,
): FakeMessage {
	const replyTo = readReplyTarget(params, chat);
	const topicId = params.integer("message_thread_id");
	chat.lastMessageId += 1;
	const message: FakeMessage = {
		messageId: chat.lastMessageId,
		dateSeconds: Math.floor(nowMs / 1000),
		from: bot.me,
		...content,
		...(replyTo === undefined ? {} : { replyToMessageId: replyTo }),
		...(topicId === undefined ? {} : { topicId }),
		history: [content.text],
		deleted: false,
	};
	chat.messages.set(message.messageId, message);
	chat.drafts.clear();
	return message;
}

function readReplyTarget(params: FakeParams, chat: FakeChatState): number | undefined {
	const reply = params.json("reply_parameters");
	if (typeof reply !== "object" || reply === null || !("message_id" in reply)) return undefined;
	const target = chat.messages.get(Number(reply.message_id));
	if (target !== undefined && !target.deleted) return target.messageId;
	if ("allow_sending_without_reply" in reply && reply.allow_sending_without_reply === true) return undefined;
	throw badRequest("message to be replied not found");
}

function isSame(
	message: FakeMessage,
	text: string,
	entities: FakeMessage["entities"],
	buttons: readonly (readonly FakeButton[])[] | undefined,
): boolean {
	return (
		message.text === text &&
		JSON.stringify(message.entities) === JSON.stringify(entities) &&
		JSON.stringify(message.buttons) === JSON.stringify(buttons)
	);
}
