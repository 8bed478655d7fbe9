const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const SPACE = 32;

/**
 * Bytes of the string values of a key (with its quotes) in JSON that was read byte by byte (Latin-1). A key is told from the
 * same words inside a string by its quotes, which would be escaped there.
 */
export function measureStrings(json: string, key: string): number {
	let bytes = 0;
	let at = json.indexOf(key);
	while (at !== -1) {
		const start = findValue(json, at + key.length);
		if (start === -1) at = json.indexOf(key, at + key.length);
		else {
			const end = findEnd(json, start);
			bytes += measure(json.slice(start, end));
			at = json.indexOf(key, end);
		}
	}
	return bytes;
}

/** The first unit of the string that is the value of a key which ended here, or -1. */
function findValue(json: string, from: number): number {
	let at = skipSpaces(json, from);
	if (json.charCodeAt(at) !== COLON) return -1;
	at = skipSpaces(json, at + 1);
	return json.charCodeAt(at) === QUOTE ? at + 1 : -1;
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

/** An escape is longer than what it stands for, by up to four times. */
function measure(raw: string): number {
	if (!raw.includes("\\")) return raw.length;
	try {
		const text: unknown = JSON.parse(`"${Buffer.from(raw, "latin1").toString("utf8")}"`);
		return typeof text === "string" ? Buffer.byteLength(text) : raw.length;
	} catch {
		return raw.length;
	}
}
