import { findBindCode, parseCode, toPlainWidth } from "./code.ts";

/** Shorter text holds no code. */
const LENGTH_MIN = 10;
/** A code as we print it, among other words. */
const PRINTED = /(?<![0-9A-Z-])(?:[0-9A-Z]{5}-[0-9A-Z]{5}|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})(?![0-9A-Z-])/gi;
/** A command and what stands behind it. Which commands take a code is not for this place to know. */
const COMMAND = /^\s*\/\S{1,100}\s+(\S.{0,100})$/su;
const DEEP_LINK = /[?&]start=([\w-]{22})(?![\w-])/g;

/**
 * Everything in a stored event that may be a bind code, as it was written, wherever it stands: text, caption, link. A code that
 * was not used up works for days, so that it is stored as a hash only (source: security, S1), not in the words of whoever wrote
 * it. Reads strings alone, so that it may look at events nobody else can read.
 */
export function findCodes(body: unknown): readonly string[] {
	const found = new Set<string>();
	walk(body, found);
	// A longer one may hold a shorter one.
	return [...found].sort((one, other) => other.length - one.length);
}

function walk(value: unknown, found: Set<string>): void {
	if (typeof value === "string") {
		if (value.length >= LENGTH_MIN) look(value, found);
	} else if (typeof value === "object" && value !== null) {
		for (const key in value) walk((value as Readonly<Record<string, unknown>>)[key], found);
	}
}

function look(text: string, found: Set<string>): void {
	if (findBindCode(text) !== undefined) found.add(text.trim());
	const rest = COMMAND.exec(text)?.[1]?.trim();
	if (rest !== undefined && parseCode(rest) !== undefined) found.add(rest);
	for (const { 0: code, index } of toPlainWidth(text).matchAll(PRINTED)) {
		if (/\d/.test(code) && /[A-Z]/i.test(code)) found.add(text.slice(index, index + code.length));
	}
	for (const [, code = ""] of text.matchAll(DEEP_LINK)) found.add(code);
}
