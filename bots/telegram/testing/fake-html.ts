import { badRequest } from "./fake-error.ts";

export type FakeEntity = {
	readonly type: string;
	/** UTF-16 code units, as the Bot API counts. */
	readonly offset: number;
	readonly length: number;
	readonly url?: string;
	readonly language?: string;
};

export type FormattedText = { readonly text: string; readonly entities: readonly FakeEntity[] };

/** Tag -> entity type (source: core.telegram.org/bots/api#html-style, read 2026-11-20). */
const ENTITY_BY_TAG: Readonly<Record<string, string>> = {
	b: "bold",
	strong: "bold",
	i: "italic",
	em: "italic",
	u: "underline",
	ins: "underline",
	s: "strikethrough",
	strike: "strikethrough",
	del: "strikethrough",
	a: "text_link",
	code: "code",
	pre: "pre",
	blockquote: "blockquote",
	span: "spoiler",
	"tg-spoiler": "spoiler",
};
const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

type OpenTag = { readonly tag: string; readonly argument: string; readonly offset: number };
type Tag = {
	readonly closing: boolean;
	readonly name: string;
	readonly argument: string;
	readonly end: number;
};

/**
 * Telegram's HTML: the visible text and its entities.
 * @throws FakeApiError "can't parse entities: …" with the byte offset, in the words of the real server
 */
export function parseHtml(source: string): FormattedText {
	const entities: FakeEntity[] = [];
	const open: OpenTag[] = [];
	let text = "";
	let at = 0;
	while (at < source.length) {
		const special = nextSpecial(source, at);
		text += source.slice(at, special);
		if (special === source.length) break;
		if (source[special] === "&") {
			const [decoded, end] = decodeEntity(source, special);
			text += decoded;
			at = end;
			continue;
		}
		const tag = readTag(source, special);
		at = tag.end;
		if (tag.closing) closeTag(source, special, tag, open, entities, text.length);
		else open.push({ tag: tag.name, argument: tag.argument, offset: text.length });
	}
	const unclosed = open.at(-1);
	if (unclosed) throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
	return trimmed(text, entities);
}

/** What is left of a text without markup: Telegram cuts white space at both ends. */
export function trimmed(text: string, entities: readonly FakeEntity[]): FormattedText {
	const firstEntity = entities.reduce((least, entity) => Math.min(least, entity.offset), text.length);
	const leading = Math.min(text.length - text.trimStart().length, firstEntity);
	const kept = text.slice(leading).trimEnd();
	const moved = entities
		.map((entity) => {
			const offset = entity.offset - leading;
			return { ...entity, offset, length: Math.min(entity.length, kept.length - offset) };
		})
		.filter((entity) => entity.length > 0)
		.sort((a, b) => a.offset - b.offset || b.length - a.length);
	return { text: kept, entities: moved };
}

function nextSpecial(source: string, from: number): number {
	for (let at = from; at < source.length; at += 1) {
		const code = source.charCodeAt(at);
		if (code === 38 || code === 60) return at;
	}
	return source.length;
}

/** An unknown or unfinished reference is text, as on the real server. */
function decodeEntity(source: string, at: number): readonly [string, number] {
	const match = /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,6}));?/i.exec(source.slice(at, at + 12));
	if (match === null) return ["&", at + 1];
	const [whole, decimal, hexadecimal, name] = match;
	if (name !== undefined) {
		const decoded = NAMED[name];
		return decoded === undefined ? ["&", at + 1] : [decoded, at + whole.length];
	}
	const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
	if (code === 0 || code > 0x10_ff_ff) return ["&", at + 1];
	return [String.fromCodePoint(code), at + whole.length];
}

function readTag(source: string, begin: number): Tag {
	const closing = source[begin + 1] === "/";
	const end = tagEnd(source, begin);
	if (end < 0) {
		const kind = closing ? "end" : "start";
		throw cannotParse(`Unclosed ${kind} tag at byte offset ${byteOffset(source, begin)}`);
	}
	const inner = source.slice(begin + (closing ? 2 : 1), end);
	const name = (/^[^\s>]*/.exec(inner)?.[0] ?? "").toLowerCase();
	if (closing) return { closing, name, argument: "", end: end + 1 };
	if (ENTITY_BY_TAG[name] === undefined) {
		throw cannotParse(`Unsupported start tag "${name}" at byte offset ${byteOffset(source, begin)}`);
	}
	const argument = tagArgument(name, inner.slice(name.length));
	if (name === "span" && argument !== "tg-spoiler") {
		throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${byteOffset(source, begin)}`);
	}
	return { closing, name, argument, end: end + 1 };
}

function tagEnd(source: string, begin: number): number {
	let quote = "";
	for (let at = begin + 1; at < source.length; at += 1) {
		const char = source[at] ?? "";
		if (quote !== "") {
			if (char === quote) quote = "";
		} else if (char === '"' || char === "'") quote = char;
		else if (char === ">") return at;
	}
	return -1;
}

function tagArgument(tag: string, attributes: string): string {
	const wanted = tag === "a" ? "href" : "class";
	const match = new RegExp(`\\s${wanted}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i").exec(attributes);
	const raw = match?.[1] ?? match?.[2] ?? "";
	return raw.replace(/&(?:lt|gt|amp|quot);/g, (entity) => NAMED[entity.slice(1, -1)] ?? entity);
}

function closeTag(
	source: string,
	begin: number,
	tag: Tag,
	open: OpenTag[],
	entities: FakeEntity[],
	textLength: number,
): void {
	const offset = byteOffset(source, begin);
	const top = open.at(-1);
	if (top === undefined) throw cannotParse(`Unexpected end tag at byte offset ${offset}`);
	if (tag.name !== "" && tag.name !== top.tag) {
		const found = `expected "</${top.tag}>", found "</${tag.name}>"`;
		throw cannotParse(`Unmatched end tag at byte offset ${offset}, ${found}`);
	}
	open.pop();
	const length = textLength - top.offset;
	if (length > 0) addEntity(entities, top, length);
}

function addEntity(entities: FakeEntity[], top: OpenTag, length: number): void {
	const type = ENTITY_BY_TAG[top.tag] ?? "bold";
	const base = { type, offset: top.offset, length };
	if (type === "text_link") {
		if (/^(?:https?|tg):\/\/./i.test(top.argument)) entities.push({ ...base, url: top.argument });
		return;
	}
	const last = entities.at(-1);
	if (type === "pre" && last?.type === "code" && last.offset === top.offset && last.length === length) {
		// <pre><code class="language-x"> is one entity
		entities.pop();
		entities.push(last.language === undefined ? base : { ...base, language: last.language });
		return;
	}
	const language = /^language-(.+)$/.exec(top.argument)?.[1];
	entities.push(type === "code" && language !== undefined ? { ...base, language } : base);
}

function byteOffset(source: string, at: number): number {
	return Buffer.byteLength(source.slice(0, at));
}

function cannotParse(reason: string): Error {
	return badRequest(`can't parse entities: ${reason}`);
}
