import { setImmediate as nextTurn } from "node:timers/promises";
import { countTokens as countExactly } from "gpt-tokenizer/encoding/o200k_base";
import type { ChatMessage } from "../providers/provider.ts";

/** Text that looks like a control token is text (bad input 29). */
const OPTIONS = { disallowedSpecial: new Set<string>() };

/** What a chat format adds to each message and to the whole, in tokens; the usual figures, rounded up. */
export const MESSAGE_OVERHEAD_TOKENS = 4;
export const REQUEST_OVERHEAD_TOKENS = 3;

/**
 * Merging is quadratic in the length of a run without breaks: 4,000 Han characters take 45 ms in one piece and 1 ms in
 * pieces of this many UTF-16 units. Cutting can only raise the count, by about 1 %.
 */
const PIECE_LENGTH = 128;
/** Text that is counted at all; the rest is taken at one token a byte, the upper bound of a byte-level vocabulary. */
const COUNTED_LENGTH_MAX = 128 * 1024;
/** Worst case seen: 2.5 us a unit (rare Han, Thai). */
const UNITS_A_SLICE = 1_024;
/** Plain ASCII words cost about a fortieth of that. */
const CHEAP_UNITS = 40;

const CACHE_ENTRIES_MAX = 2_000;
const CACHED_LENGTH_MIN = 64;
const CACHED_LENGTH_MAX = 32 * 1024;
/** The texts of a conversation come again with every turn. Oldest out first. */
const cache = new Map<string, number>();

/**
 * Tokens of a text in the o200k vocabulary; vendors with another one differ by some percent. Long texts are counted in
 * slices, so that the event loop is never held for more than a few milliseconds.
 */
export async function countTokens(text: string): Promise<number> {
	const known = cache.get(text);
	if (known !== undefined) return known;
	const counter = createCounter(text);
	while (!counter.count(UNITS_A_SLICE)) await nextTurn();
	return remember(text, counter.tokens());
}

/** The same at once: exact for what can be counted in about 5 ms, one token a byte for the rest. An upper bound always. */
export function countTokensNow(text: string): number {
	const known = cache.get(text);
	if (known !== undefined) return known;
	const counter = createCounter(text);
	// A bound is not remembered as if it were the count.
	return counter.count(2 * UNITS_A_SLICE) ? remember(text, counter.tokens()) : counter.bound();
}

/** Input tokens of a request, the format's overhead included. */
export async function countMessageTokens(messages: readonly ChatMessage[]): Promise<number> {
	let tokens = REQUEST_OVERHEAD_TOKENS;
	for (const message of messages) tokens += MESSAGE_OVERHEAD_TOKENS + (await countTokens(message.content));
	return tokens;
}

/** No honest provider can report more input than this. */
export function maxMessageTokens(messages: readonly ChatMessage[]): number {
	return messages.reduce(
		(sum, message) => sum + 4 * MESSAGE_OVERHEAD_TOKENS + Buffer.byteLength(message.content),
		16 * REQUEST_OVERHEAD_TOKENS,
	);
}

type Counter = {
	/** Counts on until `units` of work are done; true when the whole text is. */
	count(units: number): boolean;
	tokens(): number;
	/** What was counted, and one token a byte for what was not. */
	bound(): number;
};

function createCounter(text: string): Counter {
	const end = Math.min(text.length, COUNTED_LENGTH_MAX);
	let position = 0;
	let tokens = 0;
	const rest = (): number => (position < text.length ? Buffer.byteLength(text.slice(position)) : 0);
	return {
		count(units) {
			let left = units;
			while (position < end && left > 0) {
				const next = findCut(text, position, end);
				const piece = text.slice(position, next);
				tokens += countExactly(piece, OPTIONS);
				left -= isCheap(piece) ? piece.length / CHEAP_UNITS : piece.length;
				position = next;
			}
			return position >= end;
		},
		tokens: () => tokens + rest(),
		bound: () => tokens + rest(),
	};
}

/** The end of the piece that starts at `from`: before a space where there is one, never inside a surrogate pair. */
function findCut(text: string, from: number, end: number): number {
	const limit = from + PIECE_LENGTH;
	if (limit >= end) return end;
	const space = text.lastIndexOf(" ", limit);
	if (space > from + PIECE_LENGTH / 2) return space;
	const code = text.charCodeAt(limit);
	return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit;
}

function isCheap(piece: string): boolean {
	return /^(?:[ -~]{0,128})$/.test(piece) && !/[^ ]{25}/.test(piece);
}

function remember(text: string, tokens: number): number {
	if (text.length < CACHED_LENGTH_MIN || text.length > CACHED_LENGTH_MAX) return tokens;
	if (cache.size >= CACHE_ENTRIES_MAX) {
		const oldest = cache.keys().next();
		if (oldest.done !== true) cache.delete(oldest.value);
	}
	cache.set(text, tokens);
	return tokens;
}
