const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

export type JsonScan = {
	/** How deep brackets nest, at most. */
	readonly depth: number;
	/** Commas of the outermost object or array: one less than its members, keys that come twice counted twice. */
	readonly commas: number;
};

/** One pass over JSON bytes before anything parses them: no parser meets a tower of brackets. Does not validate. */
export function scanJson(bytes: Buffer): JsonScan {
	let depth = 0;
	let deepest = 0;
	let commas = 0;
	for (let at = 0; at < bytes.length; at += 1) {
		switch (bytes[at]) {
			case QUOTE:
				at = stringEnd(bytes, at);
				break;
			case OPEN_BRACE:
			case OPEN_BRACKET:
				depth += 1;
				if (depth > deepest) deepest = depth;
				break;
			case CLOSE_BRACE:
			case CLOSE_BRACKET:
				depth -= 1;
				break;
			case COMMA:
				if (depth === 1) commas += 1;
				break;
		}
	}
	return { depth: deepest, commas };
}

/** Where the string that begins at `from` ends; the end of the text when it does not. */
function stringEnd(bytes: Buffer, from: number): number {
	let at = from + 1;
	while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
	return at;
}
