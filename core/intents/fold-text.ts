const ASCII = /^[\0-\x7f]*$/;

/**
 * Full and half width, compatibility forms and upper and lower case made one (NFKC, then folding by way of upper case, so
 * that ß is ss and the two small sigmas are one). Keywords and messages go through it alike.
 */
export function foldText(text: string): string {
	if (ASCII.test(text)) return text.toLowerCase();
	return text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
}

/** Letters of scripts that put no space between words are no part of a word here: a keyword may stand right beside them. */
const WORD =
	/^(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}])[\p{L}\p{N}\p{M}_]$/u;

/** False for nothing at all, so that a text's ends are boundaries. */
export function isWordUnit(unit: string | undefined): boolean {
	return unit !== undefined && WORD.test(unit);
}

/** No word of Latin, Cyrillic and the like is cut at begin or end: `api` does not stand in `capital`. Both texts folded. */
export function standsAlone(text: string, begin: number, end: number): boolean {
	return !(
		(isWordUnit(text[begin]) && isWordUnit(text[begin - 1])) ||
		(isWordUnit(text[end - 1]) && isWordUnit(text[end]))
	);
}
