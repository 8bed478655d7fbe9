import type { Update } from "grammy/types";

/** The kinds of updates Telegram is asked for: what is not answered is not worth a row. */
export const ALLOWED_UPDATES: Exclude<keyof Update, "update_id">[] = [
	"message",
	"edited_message",
	"callback_query",
	"my_chat_member",
	"stopped_message_generation",
	"pre_checkout_query",
];
