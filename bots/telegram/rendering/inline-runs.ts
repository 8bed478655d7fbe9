import type { Definition, PhrasingContent } from "./mdast.ts";
import type { Mark, Run } from "./run.ts";
import { linkMark, simpleMark, withMark } from "./run.ts";

export type InlineContext = {
	readonly marks: readonly Mark[];
	/** What every further line of the paragraph starts with. */
	readonly pad: string;
	readonly definitions: ReadonlyMap<string, Definition>;
};

const URL_LENGTH_MAX = 2000;

/** The runs of a paragraph's content. */
export function inlineRuns(nodes: readonly PhrasingContent[], context: InlineContext): Run[] {
	return nodes.flatMap((node) => runsOf(node, context));
}

function runsOf(node: PhrasingContent, context: InlineContext): Run[] {
	switch (node.type) {
		case "text":
			return [plain(node.value, context)];
		case "strong":
			return inlineRuns(node.children, marked(context, simpleMark("bold")));
		case "emphasis":
			return inlineRuns(node.children, marked(context, simpleMark("italic")));
		case "delete":
			return inlineRuns(node.children, marked(context, simpleMark("strike")));
		case "inlineCode":
			return [plain(node.value, marked(context, simpleMark("code")))];
		case "break":
			return [plain("\n", context)];
		case "html":
			return [plain(/^<br\s*\/?>$/i.test(node.value) ? "\n" : node.value, context)];
		case "link":
			return linked(node.children, node.url, context);
		case "linkReference":
			return linked(node.children, context.definitions.get(node.identifier)?.url, context);
		case "image":
			return image(node.alt, node.url, context);
		case "imageReference":
			return image(node.alt, context.definitions.get(node.identifier)?.url, context);
		case "footnoteReference":
			return [plain(`[${node.label ?? node.identifier}]`, context)];
	}
}

function plain(text: string, { marks, pad }: InlineContext): Run {
	return { text: pad === "" ? text : text.replaceAll("\n", `\n${pad}`), marks };
}

function marked(context: InlineContext, mark: Mark): InlineContext {
	return { ...context, marks: withMark(context.marks, mark) };
}

function linked(
	children: readonly PhrasingContent[],
	url: string | undefined,
	context: InlineContext,
): Run[] {
	const safe = toSafeUrl(url);
	const inner = inlineRuns(children, context);
	// Telegram finds bare addresses by itself.
	if (safe === undefined || inner.map(({ text }) => text).join("") === url) return inner;
	return inlineRuns(children, marked(context, linkMark(safe)));
}

/** Pictures are never loaded: the reader gets a link and decides. */
function image(alt: string | null | undefined, url: string | undefined, context: InlineContext): Run[] {
	const safe = toSafeUrl(url);
	const label = alt === null || alt === undefined || alt.trim() === "" ? (safe ?? "") : alt;
	return [plain(label, safe === undefined ? context : marked(context, linkMark(safe)))];
}

/**
 * Web addresses, and links to a chat. Other tg:// links are left as words: tg://user?id=… would mention anybody a model names
 * (source: design security, S33).
 */
const SAFE_URL = /^(?:https?:\/\/|tg:\/\/resolve\?)/i;

function toSafeUrl(url: string | undefined): string | undefined {
	if (url === undefined || url.length > URL_LENGTH_MAX || !SAFE_URL.test(url)) return undefined;
	return URL.canParse(url) ? url : undefined;
}
