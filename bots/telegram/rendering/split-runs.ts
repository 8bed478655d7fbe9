import type { Run } from "./run.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** How far behind the limit a letter may end to be seen whole; longer "letters" are not language. */
const LOOKAHEAD = 64;

/**
 * Cuts runs into parts of at most `lengthMax` UTF-16 units of visible text: between blocks if it can, else between lines,
 * words, letters. A run cut in two keeps its marks on both sides, so code stays code. Never yields a part without text.
 */
export function splitRuns(runs: readonly Run[], lengthMax: number): readonly (readonly Run[])[] {
	const text = runs.map((run) => run.text).join("");
	const isCode = codeLookup(runs);
	const parts: (readonly Run[])[] = [];
	let from = skipSpace(text, 0, isCode);
	while (from < text.length) {
		const to = findCut(text, from, lengthMax, isCode);
		const end = from + text.slice(from, to).trimEnd().length;
		if (end > from) parts.push(sliceRuns(runs, from, end));
		from = skipSpace(text, to, isCode);
	}
	return parts;
}

function codeLookup(runs: readonly Run[]): (at: number) => boolean {
	const ranges: (readonly [number, number])[] = [];
	let at = 0;
	for (const { text, marks } of runs) {
		if (marks.some(({ kind }) => kind === "pre")) ranges.push([at, at + text.length]);
		at += text.length;
	}
	return (index) => ranges.some(([from, to]) => index >= from && index < to);
}

/** The start of the next part: empty lines go, the indentation of code stays. */
function skipSpace(text: string, from: number, isCode: (at: number) => boolean): number {
	let at = from;
	while (at < text.length && (text[at] === "\n" || (text[at] === " " && !isCode(at)))) at += 1;
	return at;
}

function findCut(text: string, from: number, lengthMax: number, isCode: (at: number) => boolean): number {
	const limit = from + lengthMax;
	if (limit >= text.length) return text.length;
	const floor = from + Math.floor(lengthMax / 2);
	for (let at = text.lastIndexOf("\n\n", limit); at > floor; at = text.lastIndexOf("\n\n", at - 1)) {
		if (!isCode(at)) return at;
	}
	for (const separator of ["\n", " "]) {
		const at = text.lastIndexOf(separator, limit);
		if (at > floor) return at;
	}
	return letterEdge(text, from, limit);
}

/** Counts from the part's start: flags are pairs, and only from there is it known which two belong together. */
function letterEdge(text: string, from: number, limit: number): number {
	let edge = from;
	for (const { index } of graphemes.segment(text.slice(from, limit + LOOKAHEAD))) {
		if (from + index > limit) break;
		edge = from + index;
	}
	if (edge > from) return edge;
	return /[\udc00-\udfff]/.test(text[limit] ?? "") ? limit - 1 : limit;
}

function sliceRuns(runs: readonly Run[], from: number, to: number): readonly Run[] {
	const sliced: Run[] = [];
	let at = 0;
	for (const { text, marks } of runs) {
		const piece = text.slice(Math.max(from - at, 0), Math.max(to - at, 0));
		if (piece !== "") sliced.push({ text: piece, marks });
		at += text.length;
		if (at >= to) break;
	}
	return sliced;
}
