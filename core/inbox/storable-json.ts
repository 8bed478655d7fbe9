/** Escapes of a JSON text, in order, so that an escaped backslash is never taken for the beginning of one. */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\./gs;
const UNSTORABLE = /\\u(?:0000|[dD][89a-fA-F])/;
const PAIR_LENGTH = 12;

/**
 * JSON text as PostgreSQL's jsonb takes it: U+0000 and lone surrogates, raw or escaped, become U+FFFD. Text without any comes
 * back as it is, which is nearly always and cheap.
 */
export function toStorableJson(raw: string): string {
	const text = raw.isWellFormed() ? raw : raw.toWellFormed();
	if (!text.includes("\\u") || !UNSTORABLE.test(text)) return text;
	return text.replace(ESCAPES, (found) =>
		found.length !== PAIR_LENGTH && UNSTORABLE.test(found) ? "\\ufffd" : found,
	);
}
