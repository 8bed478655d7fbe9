import type { Api } from "grammy";
import type { RenderedPart, SendResult } from "../../../core/channels/channel.ts";
import type { Chat } from "../../../core/pipeline/message.ts";
import { createApi } from "../api/create-api.ts";
import { migratedTo, toSendResult } from "../api/send-result.ts";
import type { TelegramTransport } from "../api/transport.ts";
import { shorten } from "../rendering/render.ts";
import { toSafeText } from "../rendering/safe-text.ts";
import { createDraftSender } from "./draft-sender.ts";
import { sendFile } from "./send-file.ts";
import { toReplyTarget, toText, toTopic } from "./to-payload.ts";

/** What a channel asks of one bot; see Channel for what each promises. Nothing throws. */
export type BotClient = {
	readonly api: Api;
	send(chat: Chat, part: RenderedPart, replyToMessageId: string | undefined): Promise<SendResult>;
	edit(chat: Chat, messageId: string, part: RenderedPart): Promise<SendResult>;
	draft(chat: Chat, draftId: number, markdown: string): Promise<SendResult>;
	typing(chat: Chat): Promise<void>;
	answerAction(actionId: string, text: string | undefined): Promise<void>;
};

const TOAST_LENGTH_MAX = 200;

export function createBotClient(token: string, transport: TelegramTransport): BotClient {
	const api = createApi(token, transport);
	return {
		api,
		async send(chat, part, replyToMessageId) {
			return await trySend(chat, async (chat_id) => {
				if (part.text === "" && part.attachment !== undefined) {
					return await sendFile(token, transport, { chat_id, ...toTopic(chat) }, part.attachment);
				}
				const target = { ...toTopic(chat), ...toReplyTarget(replyToMessageId) };
				return (await api.raw.sendMessage({ chat_id, ...toText(part), ...target })).message_id;
			});
		},
		async edit(chat, messageId, part) {
			try {
				const target = { chat_id: Number(chat.id), message_id: Number(messageId) };
				await api.raw.editMessageText({ ...target, ...toText(part) });
				return { kind: "sent", messageId };
			} catch (error) {
				const result = toSendResult(error);
				if (result === "unchanged") return { kind: "sent", messageId };
				// The message stayed in the group of before; a new one can follow.
				return migratedTo(error) === undefined ? result : { kind: "missing", why: result.why };
			}
		},
		draft: createDraftSender(api),
		async typing(chat) {
			const action = "typing";
			await bestEffort(api.raw.sendChatAction({ chat_id: Number(chat.id), action, ...toTopic(chat) }));
		},
		async answerAction(actionId, text) {
			const toast = text === undefined ? {} : { text: shorten(toSafeText(text), TOAST_LENGTH_MAX) };
			await bestEffort(api.raw.answerCallbackQuery({ callback_query_id: actionId, ...toast }));
		},
	};
}

/** Follows a group that became a supergroup, once. */
async function trySend(chat: Chat, send: (chatId: number) => Promise<number>): Promise<SendResult> {
	try {
		return { kind: "sent", messageId: String(await follow(Number(chat.id), send)) };
	} catch (error) {
		const result = toSendResult(error);
		return result === "unchanged" ? { kind: "unknown", why: "unexpected answer" } : result;
	}
}

async function follow(chatId: number, send: (chatId: number) => Promise<number>): Promise<number> {
	try {
		return await send(chatId);
	} catch (error) {
		const next = migratedTo(error);
		if (next === undefined) throw error;
		return await send(next);
	}
}

async function bestEffort(call: Promise<unknown>): Promise<void> {
	// A lost "typing" or toast is not worth a word.
	await call.catch(() => undefined);
}
