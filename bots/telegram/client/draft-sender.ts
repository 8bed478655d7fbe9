import type { Api } from "grammy";
import { GrammyError } from "grammy";
import type { SendResult } from "../../../core/channels/channel.ts";
import type { Chat } from "../../../core/pipeline/message.ts";
import { toSendResult } from "../api/send-result.ts";
import { renderDraft } from "../rendering/render.ts";
import { toTopic } from "./to-payload.ts";

/** Ids are 32-bit on the wire. */
const DRAFT_ID_MAX = 2_147_483_647;
const CHATS_WITHOUT_MAX = 10_000;

/**
 * Previews with a stop button. Where a server or a chat knows no drafts, none are tried again until the next start: the
 * answer itself does not depend on them.
 */
export function createDraftSender(
	api: Api,
): (chat: Chat, draftId: number, markdown: string) => Promise<SendResult> {
	const none: SendResult = { kind: "refused", why: "no drafts here" };
	let isKnown = true;
	const chatsWithout = new Set<string>();

	function remember(chat: Chat, error: unknown): void {
		if (!(error instanceof GrammyError)) return;
		if (error.error_code === 404) isKnown = false;
		if (error.error_code !== 400) return;
		if (chatsWithout.size >= CHATS_WITHOUT_MAX) chatsWithout.clear();
		chatsWithout.add(chat.id);
	}

	return async (chat, draftId, markdown) => {
		if (!isKnown || chatsWithout.has(chat.id)) return none;
		const draft_id = (Math.abs(Math.trunc(draftId)) % DRAFT_ID_MAX) + 1;
		try {
			await api.raw.sendMessageDraft(toDraft(chat, draft_id, markdown));
			return { kind: "sent", messageId: String(draft_id) };
		} catch (error) {
			remember(chat, error);
			const result = toSendResult(error);
			return result === "unchanged" || !isKnown ? none : result;
		}
	};
}

function toDraft(chat: Chat, draft_id: number, markdown: string) {
	const { text, plain } = renderDraft(markdown);
	return {
		chat_id: Number(chat.id),
		draft_id,
		text,
		...(text !== plain && { parse_mode: "HTML" as const }),
		...toTopic(chat),
		can_stop: true,
		// What was read so far stays until the final message takes its place.
		keep_on_stop: true,
	};
}
