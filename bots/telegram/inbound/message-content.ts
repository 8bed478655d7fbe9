import type { InboundContent, MediaKind } from "../../../core/pipeline/message.ts";
import type { Address, AddressContext } from "./address.ts";
import { addressGroup, addressPrivate, callToBot } from "./address.ts";
import type { TelegramEntity, TelegramMessage } from "./update-shape.ts";
import { MEDIA_FIELDS } from "./update-shape.ts";

/** What Telegram lets a person send is 4,096; whoever sends more is not Telegram. */
const TEXT_LENGTH_MAX = 8192;

/** What a person's message says to the bot. */
export function messageContent(message: TelegramMessage, context: AddressContext): InboundContent {
	const media = mediaOf(message);
	if (media !== undefined) return mediaContent(message, media, context);
	if (message.text === undefined) return { kind: "ignored", why: "service message" };
	const text = clip(message.text);
	// Words of another person, or of an inline bot: never a command, and in a group not addressed to us.
	if (message.forward_origin !== undefined || message.via_bot !== undefined) {
		return isPrivate(message)
			? { kind: "text", text, forwarded: true }
			: { kind: "ignored", why: "forwarded group talk" };
	}
	const address = addressOf(message, text, message.entities ?? [], context);
	return address.kind === "ours"
		? { kind: "text", text: address.text, forwarded: false }
		: { kind: "ignored", why: address.why };
}

/** A caption may call the bot, but is never a command. */
function mediaContent(message: TelegramMessage, media: MediaKind, context: AddressContext): InboundContent {
	const caption = clip(message.caption ?? "");
	const said = isPrivate(message)
		? caption
		: callToBot(caption, message.caption_entities ?? [], message, context);
	const isForeign = !isPrivate(message) && (message.forward_origin ?? message.via_bot) !== undefined;
	if (said === undefined || isForeign) return { kind: "ignored", why: "unaddressed group media" };
	return {
		kind: "media",
		media,
		...(said.trim() !== "" && { caption: said.trim() }),
		...(message.media_group_id !== undefined && { albumId: message.media_group_id }),
	};
}

function addressOf(
	message: TelegramMessage,
	text: string,
	entities: readonly TelegramEntity[],
	context: AddressContext,
): Address {
	return isPrivate(message) ? addressPrivate(text, context) : addressGroup(text, entities, message, context);
}

/** Never ends in half a character, which no database takes. */
function clip(text: string): string {
	return text.slice(0, TEXT_LENGTH_MAX).toWellFormed();
}

function isPrivate({ chat }: TelegramMessage): boolean {
	return chat.type === "private";
}

function mediaOf(message: TelegramMessage): MediaKind | undefined {
	for (const [field, kind] of Object.entries(MEDIA_FIELDS)) {
		if (field in message && Reflect.get(message, field) !== undefined) return kind;
	}
	return undefined;
}
