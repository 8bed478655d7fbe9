import { createHash } from "node:crypto";
import type { InboundEvent } from "../../../core/core.ts";
import { toLane } from "../../../core/core.ts";
import type { Chat } from "../../../core/pipeline/message.ts";
import { TELEGRAM_QUEUE_MAX } from "../telegram-capabilities.ts";
import { cutUpdate } from "./cut-update.ts";

/** Presses and the like are quick to handle, and many wait only when a person drums on a button. */
const FAST_QUEUE_MAX = 100;
/** What belongs to no chat shares one lane and is done at once. */
const NO_CHAT_QUEUE_MAX = 10_000;
const STOP = /^\/stop(?:@\w+)?(?:\s|$)/i;

type Fields = Readonly<Record<string, unknown>>;
/** True for an update that no pipeline will ever answer. */
export type IsIgnored = (update: unknown, botId: string) => boolean;
type Place = { readonly chat: Chat; readonly isFast: boolean };

/**
 * What core stores of an update, found with as few looks as possible: this runs before the acknowledgement. An update without
 * a usable id is quarantined: stored under its hash, so that it is seen once and never sent again. Of what is cut, the hash of
 * the whole is given along: a repeated update must be the same one, whichever version of this program stored it first.
 */
export function toEvent(
	update: unknown,
	botId: string,
	toStorableJson: (raw: string) => string,
	isIgnored: IsIgnored = () => false,
): InboundEvent & { readonly isQuarantined: boolean } {
	const fields = asFields(update);
	const updateId = fields?.["update_id"];
	const base = { platform: "telegram", botId } as const;
	if (
		fields === undefined ||
		typeof updateId !== "number" ||
		!Number.isSafeInteger(updateId) ||
		updateId < 0
	) {
		const bodyJson = toStorableJson(JSON.stringify(update));
		const hash = toHash(bodyJson);
		const lane = toLane({ chat: toChat(botId, 0, true) }, "normal");
		return {
			...base,
			bodyJson,
			eventId: `bad:${hash}`,
			lane,
			queueMax: NO_CHAT_QUEUE_MAX,
			isQuarantined: true,
		};
	}
	const { chat, isFast } = placeOf(fields, botId);
	const kept = cutUpdate(fields, () => isIgnored(update, botId));
	return {
		...base,
		bodyJson: toStorableJson(JSON.stringify(kept)),
		...(kept !== fields && { bodyHash: toHash(toStorableJson(JSON.stringify(update))) }),
		eventId: String(updateId),
		lane: toLane({ chat }, isFast ? "fast" : "normal"),
		queueMax: queueMaxOf(chat, isFast),
		isQuarantined: false,
	};
}

function toHash(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

function queueMaxOf(chat: Chat, isFast: boolean): number {
	if (chat.id === "0") return NO_CHAT_QUEUE_MAX;
	return isFast ? FAST_QUEUE_MAX : TELEGRAM_QUEUE_MAX[chat.kind];
}

function placeOf(update: Fields, botId: string): Place {
	const message = asFields(update["message"]);
	if (message !== undefined) {
		const { text } = message;
		const isStop = typeof text === "string" && STOP.test(text) && message["forward_origin"] === undefined;
		return { chat: chatOf(message, botId), isFast: isStop };
	}
	const press = asFields(update["callback_query"]);
	if (press !== undefined) return { chat: chatOf(asFields(press["message"]), botId), isFast: true };
	const stop = asFields(update["stopped_message_generation"]);
	if (stop !== undefined) return { chat: chatOf({ ...stop, is_topic_message: true }, botId), isFast: true };
	const checkout = asFields(asFields(update["pre_checkout_query"])?.["from"]);
	if (checkout !== undefined) return { chat: toChat(botId, checkout["id"], true), isFast: true };
	const other =
		asFields(update["edited_message"]) ??
		asFields(update["my_chat_member"]) ??
		asFields(update["channel_post"]) ??
		asFields(update["edited_channel_post"]);
	return { chat: chatOf(other, botId), isFast: false };
}

function chatOf(place: Fields | undefined, botId: string): Chat {
	const chat = asFields(place?.["chat"]);
	const topicId = place?.["is_topic_message"] === true ? place["message_thread_id"] : undefined;
	const found = toChat(botId, chat?.["id"], chat?.["type"] === "private" || chat === undefined);
	return typeof topicId === "number" && Number.isSafeInteger(topicId)
		? { ...found, topicId: String(topicId) }
		: found;
}

function toChat(botId: string, id: unknown, isPrivate: boolean): Chat {
	const isId = typeof id === "number" && Number.isSafeInteger(id);
	return { platform: "telegram", botId, id: isId ? String(id) : "0", kind: isPrivate ? "private" : "group" };
}

function asFields(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
