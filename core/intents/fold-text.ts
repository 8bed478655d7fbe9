const ASCII = /^[\0-\x7f]*$/;

/** Lower-case letters that fold further, such as ß to ss and the final sigma to the other one. A \p class would take longer than all the rest. */
const FURTHER = /[ßςǰΐΰև\u1e96-\u1e99\u1f50-\u1ffc]/;

/**
 * Full and half width, compatibility forms and upper and lower case made one (NFKC, then case folding). Keywords and messages
 * go through it alike.
 */
export function foldText(text: string): string {
	if (ASCII.test(text)) return text.toLowerCase();
	const lower = text.normalize("NFKC").toLowerCase();
	if (!FURTHER.test(lower)) return lower;
	return lower.toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
}

/** Letters, digits and marks; not of scripts that put no space between words, where a keyword may stand beside anything. */
const WORD =
	/^(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}])[\p{L}\p{N}\p{M}_]$/u;

/** WORD for each UTF-16 unit, found out once: it is asked for every occurrence of every keyword. 0 unknown, 1 no, 2 yes. */
const wordUnits = new Uint8Array(65_536);

function isWordUnit(code: number): boolean {
	// Outside of a text charCodeAt is NaN.
	if (Number.isNaN(code)) return false;
	if (wordUnits[code] === 0) wordUnits[code] = WORD.test(String.fromCharCode(code)) ? 2 : 1;
	return wordUnits[code] === 2;
}

/** No word of Latin, Cyrillic and the like is cut at begin or end: `api` does not stand in `capital`. Both texts folded. */
export function standsAlone(text: string, begin: number, end: number): boolean {
	return !(joins(text, begin) || joins(text, end));
}

function joins(text: string, place: number): boolean {
	return isWordUnit(text.charCodeAt(place - 1)) && isWordUnit(text.charCodeAt(place));
}
