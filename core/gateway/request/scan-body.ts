import type { Media } from "./media.ts";
import { ATTACHMENT_BYTES_MIN, MediaNotes, WORD_BYTES_MAX } from "./media.ts";
import { Nesting, toInvalid } from "./nesting.ts";

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
	/** Of what is nested, outside of strings and numbers and without space: quotes, brackets, commas, literals. */
	readonly structureBytes: number;
	/** Numbers of what is nested, and their digits, signs and points. */
	readonly numbers: number;
	readonly numberBytes: number;
	readonly media: Media;
};

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** No key of the dialects is longer. */
const KEY_BYTES_MAX = 64;

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
	/** Of nested strings, whatever they are, without their quotes. */
	#stringBytes = 0;
	#structureBytes = 0;
	#numbers = 0;
	#numberBytes = 0;
	readonly #media: MediaNotes;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
		this.#text = bytes.toString("latin1");
		this.#media = new MediaNotes(this.#text);
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
		return {
			members,
			lengths,
			textBytes: this.#textBytes,
			structureBytes: this.#structureBytes,
			numbers: this.#numbers,
			numberBytes: this.#numberBytes,
			media: this.#media.result(),
		};
	}

	#scanMembers(members: Map<string, Member>, lengths: Map<string, number>): void {
		for (;;) {
			const key = this.#readKey();
			this.#skipSpace();
			this.#expect(COLON);
			this.#skipSpace();
			const start = this.#at;
			const length = this.#skipValue();
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
	#skipValue(): number | undefined {
		const first = this.#text.charCodeAt(this.#at);
		if (first === QUOTE) {
			const end = findStringEnd(this.#text, this.#at);
			this.#textBytes += end - this.#at - 2;
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
		const strings = this.#stringBytes;
		const numbers = this.#numberBytes;
		let at = this.#at;
		let spaces = 0;
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
			if (isOfNumber(code)) this.#countDigit(at);
			at += 1;
			if (code <= SPACE) spaces += 1;
			else if (nesting.take(code)) {
				const apart = this.#stringBytes - strings + this.#numberBytes - numbers + spaces;
				this.#structureBytes += at - this.#at - apart;
				this.#at = at;
				return nesting.elements();
			}
		}
		throw toInvalid();
	}

	#countDigit(at: number): void {
		this.#numberBytes += 1;
		if (!isOfNumber(this.#text.charCodeAt(at - 1))) this.#numbers += 1;
	}

	/** True for the name of a member; its bytes are counted then. */
	#isName(start: number, end: number): boolean {
		const length = end - start - 2;
		if (length > KEY_BYTES_MAX || !this.#isKey(end)) return false;
		this.#stringBytes += length;
		this.#textBytes += length;
		this.#media.noteWord(start + 1, end - 1);
		return true;
	}

	#countString(start: number, end: number, keyStart: number, keyEnd: number): void {
		const length = end - start - 2;
		this.#stringBytes += length;
		if (length >= ATTACHMENT_BYTES_MIN) {
			if (this.#media.noteLong(keyStart, keyEnd, start + 1, end - 1)) return;
		} else if (length <= WORD_BYTES_MAX) this.#media.noteNamed(keyStart, keyEnd, start + 1, end - 1);
		this.#textBytes += length;
	}

	#isKey(at: number): boolean {
		let next = at;
		while (isSpace(this.#text.charCodeAt(next))) next += 1;
		return this.#text.charCodeAt(next) === COLON;
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

function isSpace(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Digits, minus and point; what else lies between them is nowhere in JSON. */
function isOfNumber(code: number): boolean {
	return code >= MINUS && code <= DIGIT_NINE;
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
