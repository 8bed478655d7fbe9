import type { Inbound } from "../pipeline/message.ts";

/** The message an answer replies to: the person's own words, never a message of ours with a button. */
export function toReplyTarget({ content, messageId }: Inbound): { readonly replyToMessageId?: string } {
	const isWords = content.kind === "text" || content.kind === "media";
	return isWords && messageId !== undefined ? { replyToMessageId: messageId } : {};
}
