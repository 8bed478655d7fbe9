import { MEDIA_FIELDS, MESSAGE_FIELDS } from "../inbound/update-shape.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a message that are stored as they came. Of the one it replies to only the place is. */
const KEPT: ReadonlySet<string> = new Set([
	...MESSAGE_FIELDS.filter((field) => field !== "reply_to_message"),
	...Object.keys(MEDIA_FIELDS),
	"date",
]);
/** Where and by whom something was said, without what was said. */
const PLACE = [
	"message_id",
	"date",
	"chat",
	"from",
	"sender_chat",
	"message_thread_id",
	"is_topic_message",
] as const;
const PRESS = ["id", "from", "data", "chat_instance", "inline_message_id", "game_short_name"] as const;
const FOREIGN_COMMAND = /^\/\w+@/;

type Cut = (value: unknown, isIgnored: () => boolean) => unknown;

/** Updates hold other messages: the one replied to, quoted, pinned, pressed. Each kind is cut to what toInbound reads of it. */
const CUTS: ReadonlyMap<string, Cut> = new Map<string, Cut>([
	["update_id", asItIs],
	["message", cutMessage],
	["edited_message", toPlace],
	["channel_post", toPlace],
	["edited_channel_post", toPlace],
	["callback_query", cutPress],
	["my_chat_member", asItIs],
	["stopped_message_generation", asItIs],
	["pre_checkout_query", asItIs],
]);

/**
 * An update without the words that are not for us to keep: those it shows a second time (the bot's own message with a code or a
 * key in it, replied to or pressed), and those nobody said to the bot. Comes back as it is when there is nothing to cut, which
 * is nearly always: this runs before the acknowledgement.
 *
 * @param isIgnored asked only about what may be so
 */
export function cutUpdate(update: Fields, isIgnored: () => boolean): Fields {
	let cut: Record<string, unknown> | undefined;
	for (const kind in update) {
		const value = update[kind];
		const kept = (CUTS.get(kind) ?? toNothing)(value, isIgnored);
		if (kept === value) continue;
		cut ??= { ...update };
		cut[kind] = kept;
	}
	return cut ?? update;
}

function cutMessage(value: unknown, isIgnored: () => boolean): unknown {
	const message = asFields(value);
	if (message === undefined) return undefined;
	if (mayBeIgnored(message) && isIgnored()) return toPlace(message);
	let isWhole = true;
	for (const field in message) isWhole &&= KEPT.has(field);
	if (isWhole) return message;
	const kept: Record<string, unknown> = {};
	for (const field in message) if (KEPT.has(field)) kept[field] = message[field];
	const replied = asFields(message["reply_to_message"]);
	if (replied !== undefined) kept["reply_to_message"] = toReplied(replied);
	return kept;
}

/** In a private chat nearly everything is said to the bot, and need not be read twice to find out. */
function mayBeIgnored({ chat, text }: Fields): boolean {
	if (asFields(chat)?.["type"] !== "private") return true;
	return typeof text === "string" && FOREIGN_COMMAND.test(text);
}

/** Who is replied to decides whether it is said to the bot; the message that opened a topic is nobody's. */
function toReplied(message: Fields): Fields {
	const place = toPlace(message);
	return message["forum_topic_created"] === undefined ? place : { ...place, forum_topic_created: {} };
}

function cutPress(value: unknown): unknown {
	const press = asFields(value);
	if (press === undefined) return undefined;
	const message = asFields(press["message"]);
	return { ...pick(press, PRESS), ...(message !== undefined && { message: toPlace(message) }) };
}

function toPlace(value: unknown): Fields {
	return pick(asFields(value) ?? {}, PLACE);
}

function pick(fields: Fields, names: readonly string[]): Fields {
	const kept: Record<string, unknown> = {};
	for (const name of names) if (fields[name] !== undefined) kept[name] = fields[name];
	return kept;
}

function asItIs(value: unknown): unknown {
	return value;
}

/** Of what is new to us only that it came. */
function toNothing(): Fields {
	return {};
}

function asFields(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
