import { AppError } from "../../errors.ts";

/** Bytes from `start` up to `end` of the body: a value, without the space around it. */
export type Member = { readonly start: number; readonly end: number };

/** What can be said of a JSON object without making it into objects. */
export type ScannedBody = {
	/** Of the outermost object; of a name that occurs twice the last one. */
	readonly members: ReadonlyMap<string, Member>;
	/** Elements of each array that is such a member. */
	readonly lengths: ReadonlyMap<string, number>;
	/** Bytes of all strings but pictures and files. */
	readonly textBytes: number;
	/** Pictures and files that lie in the body. */
	readonly attachments: number;
};

/** Source: security, S22. */
export const DEPTH_MAX = 32;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A shorter string is text, whatever it is called. */
const ATTACHMENT_BYTES_MIN = 512;
/** No key of the dialects is longer. */
const KEY_BYTES_MAX = 64;
/** Where the dialects keep bytes in base64. */
const ATTACHMENT_KEYS = new Set(["url", "image_url", "data", "file_data"]);
const ATTACHMENT_KEY_LENGTH_MAX = 9;

/**
 * Finds the members of a JSON object in one pass that makes nothing of what is inside them: a prompt of 100 kB costs
 * microseconds. Strings are jumped over by the runtime's own byte search. Only the outermost object is checked to the letter;
 * below it brackets must match, and whoever reads the words checks the rest.
 *
 * @throws AppError REQUEST_INVALID, details.reason "json-invalid" or "json-too-deep"
 */
export function scanBody(bytes: Buffer): ScannedBody {
	const scanner = new Scanner(bytes);
	return scanner.scan();
}

class Scanner {
	readonly #bytes: Buffer;
	/** A unit a byte: searching a string is several times cheaper than searching a buffer. */
	readonly #text: string;
	#at = 0;
	#textBytes = 0;
	#attachments = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
		this.#text = bytes.toString("latin1");
	}

	scan(): ScannedBody {
		const members = new Map<string, Member>();
		const lengths = new Map<string, number>();
		this.#skipSpace();
		this.#expect(OPEN_BRACE);
		this.#skipSpace();
		if (this.#text.charCodeAt(this.#at) === CLOSE_BRACE) this.#at += 1;
		else this.#scanMembers(members, lengths);
		this.#skipSpace();
		if (this.#at !== this.#text.length) throw toInvalid();
		return { members, lengths, textBytes: this.#textBytes, attachments: this.#attachments };
	}

	#scanMembers(members: Map<string, Member>, lengths: Map<string, number>): void {
		for (;;) {
			const key = this.#readKey();
			this.#skipSpace();
			this.#expect(COLON);
			this.#skipSpace();
			const start = this.#at;
			const length = this.#skipValue(key);
			members.set(key, { start, end: this.#at });
			lengths.delete(key);
			if (length !== undefined) lengths.set(key, length);
			this.#skipSpace();
			const next = this.#text.charCodeAt(this.#at);
			this.#at += 1;
			if (next === CLOSE_BRACE) return;
			if (next !== COMMA) throw toInvalid();
			this.#skipSpace();
		}
	}

	#readKey(): string {
		const start = this.#at;
		this.#expect(QUOTE);
		this.#at = findStringEnd(this.#text, start);
		try {
			return JSON.parse(this.#bytes.toString("utf8", start, this.#at)) as string;
		} catch {
			throw toInvalid();
		}
	}

	/** Elements, where it is an array. */
	#skipValue(key: string): number | undefined {
		const first = this.#text.charCodeAt(this.#at);
		if (first === QUOTE) {
			const start = this.#at;
			const end = findStringEnd(this.#text, start);
			const length = end - start - 2;
			if (length >= ATTACHMENT_BYTES_MIN && this.#isAttachment(key, start + 1)) this.#attachments += 1;
			else this.#textBytes += length;
			this.#at = end;
			return undefined;
		}
		if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.#skipNested();
		this.#skipScalar();
		return undefined;
	}

	/**
	 * Nine tenths of what this costs are strings, one jump each. The name of the member a string belongs to is remembered by its
	 * place: it is read only for the few strings that may be a picture.
	 */
	#skipNested(): number | undefined {
		const nesting = new Nesting();
		const text = this.#text;
		let at = this.#at;
		let keyStart = 0;
		let keyEnd = 0;
		while (at < text.length) {
			const code = text.charCodeAt(at);
			if (code === QUOTE) {
				const end = findStringEnd(text, at);
				nesting.note();
				if (this.#isName(at, end)) {
					keyStart = at + 1;
					keyEnd = end - 1;
				} else this.#countString(at, end, keyStart, keyEnd);
				at = end;
				continue;
			}
			at += 1;
			if (code > SPACE && nesting.take(code)) {
				this.#at = at;
				return nesting.elements();
			}
		}
		throw toInvalid();
	}

	/** True for the name of a member; its bytes are counted then. */
	#isName(start: number, end: number): boolean {
		const length = end - start - 2;
		if (length > KEY_BYTES_MAX || !this.#isKey(end)) return false;
		this.#textBytes += length;
		return true;
	}

	#countString(start: number, end: number, keyStart: number, keyEnd: number): void {
		const length = end - start - 2;
		const mayBeAttachment = length >= ATTACHMENT_BYTES_MIN && keyEnd - keyStart <= ATTACHMENT_KEY_LENGTH_MAX;
		if (mayBeAttachment && this.#isAttachment(this.#text.slice(keyStart, keyEnd), start + 1)) {
			this.#attachments += 1;
		} else this.#textBytes += length;
	}

	#isKey(at: number): boolean {
		let next = at;
		while (isSpace(this.#text.charCodeAt(next))) next += 1;
		return this.#text.charCodeAt(next) === COLON;
	}

	/** A data URL, or base64 without a space for as far as one looks. */
	#isAttachment(key: string, at: number): boolean {
		if (!ATTACHMENT_KEYS.has(key)) return false;
		const start = this.#text.slice(at, at + 128);
		return start.startsWith("data:") || /^[A-Za-z0-9+/_-]{128}$/.test(start);
	}

	#skipScalar(): void {
		const start = this.#at;
		while (isScalar(this.#text.charCodeAt(this.#at))) this.#at += 1;
		try {
			JSON.parse(this.#text.slice(start, this.#at));
		} catch {
			throw toInvalid();
		}
	}

	#skipSpace(): void {
		while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
	}

	#expect(code: number): void {
		if (this.#text.charCodeAt(this.#at) !== code) throw toInvalid();
		this.#at += 1;
	}
}

/** The place behind the closing quote of the string that starts there. */
function findStringEnd(text: string, start: number): number {
	let quote = text.indexOf('"', start + 1);
	while (quote !== -1) {
		if (text.charCodeAt(quote - 1) !== BACKSLASH || !isEscaped(text, quote)) return quote + 1;
		quote = text.indexOf('"', quote + 1);
	}
	throw toInvalid();
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
	let backslashes = 0;
	while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
	return backslashes % 2 === 1;
}

/** Which brackets are open, and what lies directly in the outermost one. */
class Nesting {
	readonly #closers: number[] = [];
	#isArray = false;
	#commas = 0;
	#isEmpty = true;

	/** Something is inside. */
	note(): void {
		this.#isEmpty = false;
	}

	/** One character outside of strings; true when it closes the outermost bracket. */
	take(code: number): boolean {
		if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#open(code);
		else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
			if (this.#closers.pop() !== code) throw toInvalid();
			return this.#closers.length === 0;
		} else if (code !== COMMA) this.#isEmpty = false;
		else if (this.#closers.length === 1) this.#commas += 1;
		return false;
	}

	/** Undefined where it is no array. */
	elements(): number | undefined {
		if (!this.#isArray) return undefined;
		return this.#isEmpty ? 0 : this.#commas + 1;
	}

	#open(code: number): void {
		if (this.#closers.length === 0) this.#isArray = code === OPEN_BRACKET;
		else this.#isEmpty = false;
		this.#closers.push(code === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
		// The outermost object is the first level.
		if (this.#closers.length >= DEPTH_MAX) throw toTooDeep();
	}
}

function isSpace(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Digits, letters, sign, point: what numbers and literals are made of. */
function isScalar(code: number): boolean {
	return (
		(code >= 0x30 && code <= 0x39) ||
		(code >= 0x61 && code <= 0x7a) ||
		code === 0x2d ||
		code === 0x2b ||
		code === 0x2e ||
		code === 0x45
	);
}

function toInvalid(): AppError {
	return new AppError("REQUEST_INVALID", "the body is no JSON object", {
		details: { reason: "json-invalid" },
	});
}

function toTooDeep(): AppError {
	return new AppError("REQUEST_INVALID", `nested deeper than ${DEPTH_MAX}`, {
		details: { reason: "json-too-deep" },
	});
}
