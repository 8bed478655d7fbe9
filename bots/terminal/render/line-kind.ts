import type { Style } from "./style.ts";
import { PLAIN } from "./style.ts";

/** What a line is, known from how it begins. */
export type LineKind =
	| { readonly kind: "fence"; readonly info: string }
	| { readonly kind: "rule" }
	| { readonly kind: "text"; readonly lead: string; readonly leadLength: number; readonly style: Style };

const BOLD: Style = { bold: true };
const DIM: Style = { dim: true };

/** The beginnings of lines that may still become something else. */
const UNDECIDED =
	/^ *(?:#{0,6}[ \t]*|>|[-*_+ \t]*|\d{1,9}(?:[.)][ \t]*)?|`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}[^~]*)$/;

/** No beginning is longer than this; bounds the search too. UTF-16 code units. */
const HOLD_MAX = 200;

/** Undefined: more of the line must come. */
export function toLineKind(text: string, isComplete: boolean): LineKind | undefined {
	if (!isComplete && text.length < HOLD_MAX && UNDECIDED.test(text)) return undefined;
	const fence = /^ {0,3}(?:`{3,}([^`]*)|~{3,}([^~]*))$/.exec(text);
	if (fence !== null) return { kind: "fence", info: (fence[1] ?? fence[2] ?? "").trim() };
	if (/^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/.test(text)) return { kind: "rule" };
	const heading = /^ {0,3}#{1,6}[ \t]+/.exec(text);
	if (heading !== null) return { kind: "text", lead: "", leadLength: heading[0].length, style: BOLD };
	const quote = /^ {0,3}> ?/.exec(text);
	if (quote !== null) return { kind: "text", lead: "│ ", leadLength: quote[0].length, style: DIM };
	const item = /^( *)(?:[-*+]|(\d{1,9}[.)]))[ \t]+/.exec(text);
	if (item === null) return { kind: "text", lead: "", leadLength: 0, style: PLAIN };
	const [whole, margin = "", number] = item;
	return { kind: "text", lead: `${margin}${number ?? "•"} `, leadLength: whole.length, style: PLAIN };
}
