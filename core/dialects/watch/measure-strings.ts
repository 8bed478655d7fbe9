const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const SPACE = 32;
const SMALL_N = 110;

/** Where strings stand in JSON that was read byte by byte (Latin-1): how many bytes they hold, and the last one's place. */
export type Strings = { bytes: number; count: number; start: number; end: number };

/**
 * Adds the string values of a key (with its quotes). A key is told from the same words inside a string by its quotes, which
 * would be escaped there.
 */
export function addStrings(json: string, key: string, strings: Strings): void {
	let at = json.indexOf(key);
	while (at !== -1) {
		const value = findValue(json, at + key.length);
		if (value === -1 || json.charCodeAt(value) !== QUOTE) at = json.indexOf(key, at + key.length);
		else {
			strings.start = value + 1;
			strings.end = findEnd(json, value + 1);
			strings.bytes += measure(json.slice(strings.start, strings.end));
			strings.count += 1;
			at = json.indexOf(key, strings.end);
		}
	}
}

/** The key (with its quotes) is there with another value than null. */
export function hasValue(json: string, key: string): boolean {
	for (let at = json.indexOf(key); at !== -1; at = json.indexOf(key, at + key.length)) {
		const value = findValue(json, at + key.length);
		if (value !== -1 && json.charCodeAt(value) !== SMALL_N) return true;
	}
	return false;
}

/** Where the value of a key starts that ended here, or -1 when it was no key. */
function findValue(json: string, from: number): number {
	const at = skipSpaces(json, from);
	return json.charCodeAt(at) === COLON ? skipSpaces(json, at + 1) : -1;
}

function skipSpaces(json: string, from: number): number {
	let at = from;
	while (json.charCodeAt(at) === SPACE) at += 1;
	return at;
}

/** The closing quote: one that no odd number of backslashes stands before. */
function findEnd(json: string, start: number): number {
	for (let end = json.indexOf('"', start); end !== -1; end = json.indexOf('"', end + 1)) {
		let backslashes = 0;
		while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
		if (backslashes % 2 === 0) return end;
	}
	return json.length;
}

/** An escape is longer than what it stands for, by up to six times. */
function measure(raw: string): number {
	if (!raw.includes("\\")) return raw.length;
	try {
		const text: unknown = JSON.parse(`"${Buffer.from(raw, "latin1").toString("utf8")}"`);
		return typeof text === "string" ? Buffer.byteLength(text) : raw.length;
	} catch {
		return raw.length;
	}
}
