import type { InlineKeyboardMarkup } from "grammy/types";
import type { RenderedPart } from "../../../core/channels/channel.ts";
import type { Chat } from "../../../core/pipeline/message.ts";

type TextPayload = {
	readonly text: string;
	readonly parse_mode?: "HTML";
	readonly link_preview_options: { readonly is_disabled: true };
	readonly reply_markup?: InlineKeyboardMarkup;
};

/** Text that equals its plain form goes without markup. Previews stay off: they fetch addresses nobody chose to open. */
export function toText({ text, plain, buttons }: RenderedPart): TextPayload {
	return {
		text,
		...(text !== plain && { parse_mode: "HTML" as const }),
		link_preview_options: { is_disabled: true },
		...(buttons !== undefined && buttons.length > 0 && { reply_markup: toKeyboard(buttons) }),
	};
}

export function toTopic({ topicId }: Chat): { readonly message_thread_id?: number } {
	return topicId === undefined ? {} : { message_thread_id: Number(topicId) };
}

/** The message may have been deleted meanwhile; the answer goes all the same. */
export function toReplyTarget(messageId: string | undefined): {
	readonly reply_parameters?: { readonly message_id: number; readonly allow_sending_without_reply: true };
} {
	if (messageId === undefined) return {};
	return { reply_parameters: { message_id: Number(messageId), allow_sending_without_reply: true } };
}

function toKeyboard(rows: NonNullable<RenderedPart["buttons"]>): InlineKeyboardMarkup {
	return {
		inline_keyboard: rows.map((row) => row.map(({ label, data }) => ({ text: label, callback_data: data }))),
	};
}
