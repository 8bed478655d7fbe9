/**
 * Takes away what could drive the terminal instead of being read: escape and other control characters, and the marks that
 * turn the reading direction of what follows. Works character by character, so the cut of a stream does not matter.
 */
export function stripControl(text: string): string {
	return text.replace(/[\u2028\u2029]/g, "\n").replace(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, "");
}
