/** What JSON.parse does not say about a text it accepts. */
export type JsonShape = {
	readonly depth: number;
	/** Keys of the outermost object that occur more than once; JSON.parse keeps the last. */
	readonly duplicateKeys: readonly string[];
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Two passes without recursion, so that a bomb of brackets costs its length and no more. Says nothing about validity.
 * Past `depthMax` the keys are not looked at.
 */
export function scanJson(text: string, depthMax: number): JsonShape {
	const depth = measureDepth(text, depthMax);
	return { depth, duplicateKeys: depth > depthMax ? [] : findDuplicateKeys(text) };
}

function measureDepth(text: string, depthMax: number): number {
	let depth = 0;
	let deepest = 0;
	for (let at = 0; at < text.length && deepest <= depthMax; at += 1) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) at = findStringEnd(text, at);
		else depth += stepOf(code);
		deepest = Math.max(deepest, depth);
	}
	return deepest;
}

function findDuplicateKeys(text: string): string[] {
	const seen = new Set<string>();
	const duplicates: string[] = [];
	let depth = 0;
	let isKey = true;
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		depth += stepOf(code);
		if (code === COMMA) isKey = true;
		else if (code === COLON) isKey = false;
		else if (code === QUOTE) {
			const end = findStringEnd(text, at);
			const key = text.slice(at + 1, end);
			if (depth === 1 && isKey && seen.has(key)) duplicates.push(key);
			if (depth === 1 && isKey) seen.add(key);
			at = end;
		}
	}
	return duplicates;
}

function stepOf(code: number): -1 | 0 | 1 {
	if (code === OPEN_BRACE || code === OPEN_BRACKET) return 1;
	return code === CLOSE_BRACE || code === CLOSE_BRACKET ? -1 : 0;
}

function findStringEnd(text: string, start: number): number {
	for (let at = start + 1; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (code === BACKSLASH) at += 1;
		else if (code === QUOTE) return at;
	}
	return text.length;
}
