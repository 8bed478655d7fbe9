/** Pictures and files of a body, sent along or by address. */
export type Media = {
	/** Pictures, wherever they lie. */
	readonly pictures: number;
	/** Files that lie in the body. */
	readonly documents: number;
	/** Bytes of those, as they lie there: base64. */
	readonly documentBytes: number;
	/** Files that lie elsewhere: nobody here knows how long they are. */
	readonly documentsElsewhere: number;
	/** Short strings that write letters as numbers: any of them may be the word that makes a part a file. */
	readonly hidden: number;
	/** Where the role "developer" is named: the place behind the opening quote. */
	readonly developers: readonly number[];
};

/** A shorter string is text, whatever it is called. */
export const ATTACHMENT_BYTES_MIN = 512;
/** The longest word that is looked for, each letter written as a number. */
export const WORD_BYTES_MAX = 66;

/** Where the dialects keep bytes in base64. */
const ATTACHMENT_KEYS: ReadonlySet<string> = new Set(["url", "image_url", "data", "file_data"]);
const ATTACHMENT_KEY_LENGTH_MAX = 9;
const PICTURE_PARTS: ReadonlySet<string> = new Set(["image", "image_url", "input_image"]);
const DOCUMENT_PARTS: ReadonlySet<string> = new Set(["document", "file", "input_file"]);
const ADDRESS_KEYS: ReadonlySet<string> = new Set(["file_id", "file_url"]);
/** What is looked at of an attachment. */
const HEAD_LENGTH = 128;
const BASE64 = /^[A-Za-z0-9+/_-]{128}$/;
/** How JPEG, PNG, GIF and WebP begin in base64: whatever else it is called, a vendor reads it as a file. */
const PICTURE = /^(?:\/9j\/|iVBORw0K|R0lG|UklGR.{7}RUJQ)/;
const PICTURE_URL = /^data:image\\?\//;
/** Bytes that look like a picture may be told to be something else, and are read as that then. */
const OTHER_TYPE = /"media_type"\s*:\s*"(?!image\\?\/)/;
const DEVELOPER = "developer";
const LETTER_O = 0x6f;
const LETTER_Y = 0x79;
const BACKSLASH = 0x5c;
/** The shortest escape of a letter. */
const ESCAPE_LENGTH = 6;

/** Notes what strings of one body are or name. Positions are in `text`, without the quotes. */
export class MediaNotes {
	readonly #text: string;
	#pictureParts = 0;
	#documentParts = 0;
	#addresses = 0;
	#inlinePictures = 0;
	#pictureBytes = 0;
	#documents = 0;
	#documentBytes = 0;
	#hidden = 0;
	readonly #developers: number[] = [];

	constructor(text: string) {
		this.#text = text;
	}

	/** A name, or a string of at most WORD_BYTES_MAX. */
	noteWord(start: number, end: number): void {
		if (end - start >= ESCAPE_LENGTH && this.#hidesLetter(start, end)) this.#hidden += 1;
	}

	/** A string of at most WORD_BYTES_MAX under its name. */
	noteNamed(keyStart: number, keyEnd: number, start: number, end: number): void {
		this.noteWord(start, end);
		const keyLength = keyEnd - keyStart;
		// Most strings of a body are short ones called otherwise.
		if (keyLength === 4) this.#noteKind(keyStart, start, end);
		else if ((keyLength === 7 || keyLength === 8) && ADDRESS_KEYS.has(this.#text.slice(keyStart, keyEnd))) {
			this.#addresses += 1;
		}
	}

	/** A string of at least ATTACHMENT_BYTES_MIN. True: it is no text. */
	noteLong(keyStart: number, keyEnd: number, start: number, end: number): boolean {
		if (keyEnd - keyStart > ATTACHMENT_KEY_LENGTH_MAX) return false;
		const key = this.#text.slice(keyStart, keyEnd);
		if (!ATTACHMENT_KEYS.has(key)) {
			if (ADDRESS_KEYS.has(key)) this.#addresses += 1;
			return false;
		}
		const head = this.#text.slice(start, start + HEAD_LENGTH);
		const isUrl = head.startsWith("data:");
		if (!isUrl && !BASE64.test(head)) return false;
		const isPicture = key !== "file_data" && (isUrl ? PICTURE_URL.test(head) : PICTURE.test(head));
		if (isPicture) {
			this.#inlinePictures += 1;
			this.#pictureBytes += end - start;
		} else {
			this.#documents += 1;
			this.#documentBytes += end - start;
		}
		return true;
	}

	result(): Media {
		const hidden = this.#hidden;
		const isDoubtful = this.#inlinePictures > 0 && (hidden > 0 || OTHER_TYPE.test(this.#text));
		return {
			pictures: Math.max(this.#pictureParts, this.#inlinePictures),
			documents: this.#documents,
			documentBytes: this.#documentBytes + (isDoubtful ? this.#pictureBytes : 0),
			documentsElsewhere: Math.min(this.#documentParts, this.#addresses),
			hidden,
			developers: this.#developers,
		};
	}

	/** Of a part its type, of a message its role. */
	#noteKind(keyStart: number, start: number, end: number): void {
		const second = this.#text.charCodeAt(keyStart + 1);
		if (second === LETTER_O && end - start === DEVELOPER.length) {
			const isRole = this.#text.startsWith("role", keyStart) && this.#text.startsWith(DEVELOPER, start);
			if (isRole) this.#developers.push(start);
		}
		if (second !== LETTER_Y || !this.#text.startsWith("type", keyStart)) return;
		const word = this.#text.slice(start, end);
		if (word === "url") this.#addresses += 1;
		else if (PICTURE_PARTS.has(word)) this.#pictureParts += 1;
		else if (DOCUMENT_PARTS.has(word)) this.#documentParts += 1;
	}

	/** Nobody writes a plain letter as a number who has nothing to hide. */
	#hidesLetter(start: number, end: number): boolean {
		const text = this.#text;
		for (let at = start; at <= end - ESCAPE_LENGTH; at += 1) {
			if (text.charCodeAt(at) !== BACKSLASH) continue;
			if (text.startsWith("u00", at + 1) && isLetterRow(text.charCodeAt(at + 4))) return true;
			at += 1;
		}
		return false;
	}
}

/** 4, 5, 6, 7: the rows of ASCII with letters and the underscore. */
function isLetterRow(code: number): boolean {
	return code >= 0x34 && code <= 0x37;
}
