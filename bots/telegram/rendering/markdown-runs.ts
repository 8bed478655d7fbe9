import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { blockRuns } from "./block-runs.ts";
import { toChunks } from "./chunks.ts";
import type { Run } from "./run.ts";
import { preMark } from "./run.ts";

const SYNTAX = /[\\`*_~[\]<|]|&[#\w]|^[ \t]*(?:[#>+-]|\d{1,9}[.)]|=+[ \t]*$)|^(?: {4}|\t)|\n[ \t]| {2}\n/m;
/** Bounds under which one chunk stays below a tenth of a second, measured on hostile text: emphasis and containers cost squares. */
const CHUNK_LENGTH_MAX = 12_000;
const DELIMITERS_MAX = 800;
const EXTRA_CONTAINERS_MAX = 100;
const CONTAINERS_MAX = 12;
/** UTF-16 units of one reply that are parsed; what comes behind is shown as it is written. */
const PARSED_LENGTH_MAX = 40_000;
const CACHE_CHARS_MAX = 2_000_000;

const cache = new Map<string, readonly Run[]>();
let cachedChars = 0;

/** The runs of a whole document. Text the parser could choke on stays as it is written. */
export function markdownRuns(markdown: string): readonly Run[] {
	const runs: Run[] = [];
	let parsedLength = 0;
	for (const { text, gap } of toChunks(markdown)) {
		const own = fastRuns(text);
		if (own === undefined) parsedLength += text.length;
		const shown = own ?? (parsedLength > PARSED_LENGTH_MAX ? asWritten(text) : cachedRuns(text));
		if (shown.length === 0) continue;
		if (runs.length > 0) runs.push({ text: gap, marks: [] });
		runs.push(...shown);
	}
	return runs;
}

/** What needs no parser: text without syntax, and blocks of code. */
function fastRuns(chunk: string): readonly Run[] | undefined {
	return SYNTAX.test(chunk) ? fencedRuns(chunk) : asWritten(chunk);
}

function asWritten(chunk: string): readonly Run[] {
	return [{ text: chunk, marks: [] }];
}

function cachedRuns(chunk: string): readonly Run[] {
	const cached = cache.get(chunk);
	if (cached !== undefined) {
		// Keeps what is in use at the young end.
		cache.delete(chunk);
		cache.set(chunk, cached);
		return cached;
	}
	const runs = parsedRuns(chunk);
	remember(chunk, runs);
	return runs;
}

function remember(chunk: string, runs: readonly Run[]): void {
	cache.set(chunk, runs);
	cachedChars += chunk.length;
	for (const oldest of cache.keys()) {
		if (cachedChars <= CACHE_CHARS_MAX) return;
		cache.delete(oldest);
		cachedChars -= oldest.length;
	}
}

function parsedRuns(chunk: string): readonly Run[] {
	if (isHostile(chunk)) return asWritten(chunk);
	try {
		const root = fromMarkdown(chunk, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
		return blockRuns(root);
	} catch (error) {
		// Too deep for the stack: the words still count.
		if (error instanceof RangeError) return asWritten(chunk);
		throw error;
	}
}

/** A block of code needs no parser, whatever its length. */
function fencedRuns(chunk: string): readonly Run[] | undefined {
	const match = /^(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n]*(?:\n|$)/.exec(chunk);
	if (match === null) return undefined;
	const fence = match[1] ?? "";
	const lines = chunk.slice(match[0].length).split("\n");
	const last = lines.at(-1)?.trim() ?? "";
	const closed = last.length >= fence.length && last === fence.charAt(0).repeat(last.length);
	if (closed) lines.pop();
	if (lines.some((line) => line.trim() === fence)) return undefined;
	return [{ text: lines.join("\n"), marks: [preMark(match[2])] }];
}

function isHostile(chunk: string): boolean {
	if (chunk.length > CHUNK_LENGTH_MAX) return true;
	let delimiters = 0;
	for (const _ of chunk.matchAll(/\*+|_+|~+/g)) delimiters += 1;
	let extra = 0;
	for (const line of chunk.split("\n")) {
		const containers = containersOf(line);
		extra += Math.max(containers - 1, 0);
		if (containers > CONTAINERS_MAX) return true;
	}
	return delimiters > DELIMITERS_MAX || extra > EXTRA_CONTAINERS_MAX;
}

/** How many quotes and list items a line opens. */
function containersOf(line: string): number {
	let rest = line;
	for (let count = 0; count <= CONTAINERS_MAX; count += 1) {
		const marker = /^[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/.exec(rest)?.[0];
		if (marker === undefined) return count;
		rest = rest.slice(marker.length);
	}
	return CONTAINERS_MAX + 1;
}
