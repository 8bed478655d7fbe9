import type { Style } from "./style.ts";

export type Run = { readonly text: string; readonly style: Style };

/** What the beginning of a line's rest turned out to be, and how much of it that was. */
export type Taken = { readonly runs: readonly Run[]; readonly length: number };

export type InlineState = {
	readonly style: Style;
	/** Nothing more will be added to this line. */
	readonly isComplete: boolean;
	/** The character before, "" at the beginning of a line. */
	readonly before: string;
};

/** An opening mark whose end is farther than this is text. UTF-16 code units. */
const HOLD_MAX = 500;

const SPANS: readonly { readonly mark: string; readonly style: Style }[] = [
	{ mark: "**", style: { bold: true } },
	{ mark: "__", style: { bold: true } },
	{ mark: "~~", style: { strike: true } },
	{ mark: "*", style: { italic: true } },
	{ mark: "_", style: { italic: true } },
];

/** Takes the next piece of inline Markdown from the beginning of `rest`. Undefined: more text must come to know what it is. */
export function takeInline(rest: string, state: InlineState): Taken | undefined {
	const head = rest.slice(0, HOLD_MAX);
	const first = rest.charAt(0);
	if (first === "`") return takeCode(head, state);
	if (first === "[") return takeLink(head, state);
	if (first === "*" || first === "_" || first === "~") return takeSpan(head, state);
	if (first === "\\") return takeEscaped(head, state);
	const end = rest.search(/[`[*_~\\]/);
	return takeText(rest, end === -1 ? rest.length : end, state);
}

function takeText(rest: string, length: number, { style }: InlineState): Taken {
	return { runs: [{ text: rest.slice(0, length), style }], length };
}

function waitOr(rest: string, state: InlineState, literalLength: number): Taken | undefined {
	if (!state.isComplete && rest.length < HOLD_MAX) return undefined;
	return takeText(rest, literalLength, state);
}

function takeEscaped(rest: string, state: InlineState): Taken | undefined {
	if (rest.length < 2) return waitOr(rest, state, 1);
	if (!/[\\`*_{}[\]()#+\-.!~|>]/.test(rest.charAt(1))) return takeText(rest, 1, state);
	return { runs: [{ text: rest.charAt(1), style: state.style }], length: 2 };
}

function takeCode(rest: string, state: InlineState): Taken | undefined {
	const marks = /^`+/.exec(rest)?.[0] ?? "";
	if (marks.length === rest.length) return waitOr(rest, state, marks.length);
	const end = rest.indexOf(marks, marks.length);
	const after = end + marks.length;
	// A longer run of marks may still be growing.
	if (end === -1 || (after === rest.length && !state.isComplete && marks.length > 1)) {
		return waitOr(rest, state, marks.length);
	}
	return {
		runs: [{ text: rest.slice(marks.length, end), style: { ...state.style, code: true } }],
		length: after,
	};
}

function takeLink(rest: string, state: InlineState): Taken | undefined {
	const link = /^\[([^[\]\n]*)\]\(([^()\s]*)\)/.exec(rest);
	if (link !== null) {
		const [whole, label = "", url = ""] = link;
		const runs = [
			{ text: label, style: { ...state.style, underline: true } as const },
			{ text: label === url ? "" : ` (${url})`, style: { ...state.style, dim: true } as const },
		];
		return { runs: runs.filter((run) => run.text !== ""), length: whole.length };
	}
	const mayBecomeLink = /^\[[^[\]\n]*(\](\([^()\s]*)?)?$/.test(rest);
	return mayBecomeLink ? waitOr(rest, state, 1) : takeText(rest, 1, state);
}

function takeSpan(rest: string, state: InlineState): Taken | undefined {
	// "*" may still become "**", and what follows a mark says whether it opens.
	if (rest.length < 3 && !state.isComplete) return undefined;
	const span = SPANS.find(({ mark }) => rest.startsWith(mark));
	if (span === undefined) return takeText(rest, 1, state);
	const { mark } = span;
	const opens =
		/\S/.test(rest.charAt(mark.length)) && !(mark.includes("_") && /[\p{L}\p{N}]/u.test(state.before));
	if (!opens) return takeText(rest, mark.length, state);
	const end = findSpanEnd(rest, mark, state.isComplete);
	if (end === undefined) return waitOr(rest, state, mark.length);
	const inner = rest.slice(mark.length, end);
	return { runs: toRuns(inner, { ...state.style, ...span.style }), length: end + mark.length };
}

function findSpanEnd(rest: string, mark: string, isComplete: boolean): number | undefined {
	for (let at = rest.indexOf(mark, mark.length); at !== -1; at = rest.indexOf(mark, at + 1)) {
		const after = rest.charAt(at + mark.length);
		const isPartOfLonger = mark.length === 1 && (after === mark || rest.charAt(at - 1) === mark);
		if (after === "" && !isComplete) return undefined;
		if (/\S/.test(rest.charAt(at - 1)) && !isPartOfLonger) return at;
	}
	return undefined;
}

/** All of a text whose end is known. */
function toRuns(text: string, style: Style): readonly Run[] {
	const runs: Run[] = [];
	let before = "";
	for (let at = 0; at < text.length; ) {
		const rest = text.slice(at);
		const taken =
			takeInline(rest, { style, isComplete: true, before }) ??
			takeText(rest, 1, { style, isComplete: true, before });
		runs.push(...taken.runs);
		at += taken.length;
		before = text.charAt(at - 1);
	}
	return runs;
}
