import type { Dialect } from "../types.ts";
import type { Strings } from "./measure-strings.ts";
import { addStrings, hasValue } from "./measure-strings.ts";

/** Bytes of an event's data (Latin-1) that is text and nothing else; 0: it must be parsed. */
export type TextMeter = (data: string) => number;

const ANTHROPIC_TEXTS = ['"text"', '"thinking"', '"partial_json"'];
const OPENAI_TEXTS = ['"content"', '"arguments"', '"refusal"'];

/**
 * Most events of a stream differ from the one before in a single string. One that starts and ends as the last one did, and
 * has nothing but plain characters between, says nothing else: two comparisons in place of parsing.
 */
export function createTextMeter(dialect: Dialect): TextMeter {
	const measure = dialect === "openai" ? measureChunk : measureEvent;
	const strings: Strings = { bytes: 0, count: 0, start: 0, end: 0 };
	let before = "?";
	let after = "";
	return (data) => {
		const end = data.length - after.length;
		// Slices are compared a word at a time; startsWith looks at each unit.
		if (end > before.length && data.slice(end) === after && data.slice(0, before.length) === before) {
			if (isPlain(data.slice(before.length, end))) return end - before.length;
		}
		strings.bytes = 0;
		strings.count = 0;
		measure(data, strings);
		if (strings.count === 1 && strings.bytes > 0) {
			before = toOwn(data.slice(0, strings.start));
			after = toOwn(data.slice(strings.end));
		}
		return strings.bytes;
	};
}

/** A slice keeps all of the chunk it was cut from in memory; a copy does not. */
function toOwn(slice: string): string {
	return Buffer.from(slice, "latin1").toString("latin1");
}

/** No quote that could end the string, no escape that stands for another length. */
function isPlain(text: string): boolean {
	return !text.includes('"') && !text.includes("\\");
}

function measureChunk(data: string, strings: Strings): void {
	if (hasValue(data, '"finish_reason"') || hasValue(data, '"usage"') || data.includes('"error"')) return;
	// Two names for one thing; a vendor who sends both means it once.
	addStrings(data, '"reasoning_content"', strings);
	if (strings.bytes === 0) addStrings(data, '"reasoning"', strings);
	for (const key of OPENAI_TEXTS) addStrings(data, key, strings);
}

function measureEvent(data: string, strings: Strings): void {
	if (!data.includes('"content_block_delta"')) return;
	for (const key of ANTHROPIC_TEXTS) addStrings(data, key, strings);
}
