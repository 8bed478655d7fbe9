import { createHash, randomBytes, randomInt } from "node:crypto";

/** Crockford's base32: no I, L, O, U, so that nothing typed by hand can be two things. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TYPED = /^[0-9A-HJKMNP-TV-Z]+$/;
const LINK = /^[A-Za-z0-9_-]{22}$/;
/** Five and five characters, or four times four, as we print them; any dash. */
const PRINTED = /^(?:[0-9A-Z]{5}-[0-9A-Z]{5}|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$/;
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;
/** Letters, digits and signs as wide as a Chinese character. */
const FULL_WIDTH = /[\uFF01-\uFF5E]/g;
const FULL_WIDTH_OFFSET = 0xfee0;
/** Longer input is no code, whatever it is. */
const INPUT_LENGTH_MAX = 64;

/** Characters of a typed code: 10 (50 bits) for one that lives 10 minutes, 16 (80 bits) for one that lives for days. */
export type TypedLength = 10 | 16;

/** A fresh typed code. Always holds a digit and a letter, so that `findBindCode` can tell it from a word or a card number. */
export function createTypedCode(length: TypedLength): string {
	for (;;) {
		let code = "";
		while (code.length < length) code += ALPHABET.charAt(randomInt(ALPHABET.length));
		if (/\d/.test(code) && /[A-Z]/.test(code)) return code;
	}
}

/** 128 bits in 22 base64url characters: fits Telegram's 64-character start payload (source: security S1). */
export function createLinkCode(): string {
	return randomBytes(16).toString("base64url");
}

/** As it is shown: ABCDE-12345, or ABCD-EFGH-1234-5678. */
export function formatTypedCode(code: string): string {
	const size = code.length === 10 ? 5 : 4;
	return code.match(new RegExp(`.{${size}}`, "g"))?.join("-") ?? code;
}

/**
 * What somebody typed or a deep link carried, in the form that is hashed: full width and lower case folded, dashes and
 * spaces dropped, O read as 0, I and L as 1. Undefined: this cannot be a code.
 */
export function parseCode(input: string): string | undefined {
	if (input.length > INPUT_LENGTH_MAX) return undefined;
	const trimmed = input.trim();
	if (LINK.test(trimmed)) return trimmed;
	const typed = fold(trimmed).replace(/[-\s]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
	return (typed.length === 10 || typed.length === 16) && TYPED.test(typed) ? typed : undefined;
}

/**
 * A typed code sent as a whole message, without /bind: only as we print it, with dashes, a digit and a letter, so that no
 * word ("hello-world") and no card number is taken for one.
 */
export function findBindCode(text: string): string | undefined {
	if (text.length > INPUT_LENGTH_MAX) return undefined;
	const folded = fold(text.trim());
	if (!PRINTED.test(folded) || !/\d/.test(folded) || !/[A-Z]/.test(folded)) return undefined;
	return parseCode(folded);
}

/** What is stored instead of the code. `code` as `parseCode` gives it. */
export function hashCode(pepper: string, code: string): Buffer {
	return createHash("sha256").update(pepper).update(code).digest();
}

/** The same text, character for character, with plain dashes, letters and digits. */
export function toPlainWidth(text: string): string {
	return text
		.replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_OFFSET))
		.replace(DASHES, "-");
}

function fold(text: string): string {
	return text.normalize("NFKC").toUpperCase().replace(DASHES, "-");
}
