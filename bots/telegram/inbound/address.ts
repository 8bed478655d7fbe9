import type { TelegramEntity, TelegramMessage } from "./update-shape.ts";

export type BotIdentity = { readonly botId: string; readonly username: string };

export type AddressContext = {
	readonly botId: string;
	/** Undefined until Telegram has said who the bot is; until then any bot's name counts as ours, since Telegram hands a bot little else. */
	readonly username: string | undefined;
	/** Commands a group may give without naming the bot. */
	readonly commandNames: ReadonlySet<string>;
};

/** ours: the words for the bot, its own name taken out. */
export type Address =
	| { readonly kind: "ours"; readonly text: string }
	| { readonly kind: "not-ours"; readonly why: string };

const COMMAND = /^\/([A-Za-z0-9_]{1,32})(?:@(\w{1,64}))?(?=\s|$)/;
/** A bot that is only called by its name is asked what it can do. */
const CALLED_BY_NAME = "/help";

/** Private text is always ours, unless it is a command for another bot. */
export function addressPrivate(text: string, context: AddressContext): Address {
	const command = COMMAND.exec(text);
	if (command === null) return { kind: "ours", text };
	return addressCommand(text, command, context, () => true);
}

/** In a group the bot answers when it is mentioned, replied to, or given a command of its own; never otherwise. */
export function addressGroup(
	text: string,
	entities: readonly TelegramEntity[],
	message: TelegramMessage,
	context: AddressContext,
): Address {
	const command = COMMAND.exec(text);
	if (command !== null) {
		const isReply = isReplyToBot(message, context);
		return addressCommand(text, command, context, (name) => isReply || context.commandNames.has(name));
	}
	const called = callToBot(text, entities, message, context);
	if (called === undefined) return { kind: "not-ours", why: "unaddressed group talk" };
	return { kind: "ours", text: called === "" ? CALLED_BY_NAME : called };
}

/** The words without the bot's name, when it is named or replied to; undefined when it is not. */
export function callToBot(
	text: string,
	entities: readonly TelegramEntity[],
	message: TelegramMessage,
	context: AddressContext,
): string | undefined {
	const mentions = entities.filter((entity) => isMention(text, entity, context));
	if (mentions.length > 0) return withoutMentions(text, mentions);
	return isReplyToBot(message, context) ? text : undefined;
}

function addressCommand(
	text: string,
	[whole, name = "", target]: RegExpExecArray,
	{ username }: AddressContext,
	isOursBare: (name: string) => boolean,
): Address {
	if (target === undefined) {
		return isOursBare(name.toLowerCase())
			? { kind: "ours", text }
			: { kind: "not-ours", why: "a command for nobody in particular" };
	}
	if (!isName(target, username)) {
		return { kind: "not-ours", why: "a command for another bot" };
	}
	return { kind: "ours", text: `/${name}${text.slice(whole.length)}` };
}

/** Every message of a topic "replies" to the one that opened it. */
function isReplyToBot({ reply_to_message: replied }: TelegramMessage, { botId }: AddressContext): boolean {
	if (replied === undefined || replied.forum_topic_created !== undefined) return false;
	return String(replied.from?.id) === botId;
}

function isMention(text: string, entity: TelegramEntity, { botId, username }: AddressContext): boolean {
	if (entity.type === "text_mention") return String(entity.user?.id) === botId;
	if (entity.type !== "mention") return false;
	return isName(text.slice(entity.offset + 1, entity.offset + entity.length), username);
}

/** Names of bots end in "bot", whatever else they are. */
function isName(name: string, username: string | undefined): boolean {
	if (username === undefined) return /bot$/i.test(name);
	return name.toLowerCase() === username.toLowerCase();
}

function withoutMentions(text: string, mentions: readonly TelegramEntity[]): string {
	let rest = text;
	for (const { offset, length } of [...mentions].sort((a, b) => b.offset - a.offset)) {
		const before = rest.slice(0, offset).trimEnd();
		const after = rest.slice(offset + length).replace(/^[\s,:;]+/, "");
		rest = before === "" || after === "" ? before + after : `${before} ${after}`;
	}
	return rest.trim();
}
