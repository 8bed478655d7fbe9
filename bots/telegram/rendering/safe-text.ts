/** Marks that may sit on one letter. Real scripts need at most five; a tower of them covers the neighbours' messages. */
const MARKS_MAX = 6;

// Controls but tab and line feed; bidirectional embeddings, overrides and isolates, which can reverse what follows them.
const UNSAFE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: taking control characters away is the point
	/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/g;
const MARK_TOWER = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, "gu");
const NEEDS_CARE = /[^\t\n\x20-\x7e]/;

/** Text without what breaks a renderer or fools a reader (source: design security, row 26). Keeps every letter. */
export function toSafeText(text: string): string {
	const unix = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
	if (!NEEDS_CARE.test(unix)) return unix;
	return unix.toWellFormed().replace(UNSAFE, "").replace(MARK_TOWER, "$1");
}
