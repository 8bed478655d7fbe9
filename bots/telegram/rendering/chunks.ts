/** A piece of Markdown that can be parsed by itself. `gap`: what parts it from the one before. */
export type Chunk = { readonly text: string; readonly gap: "\n" | "\n\n" };

const WHOLE_LENGTH_MAX = 12_000;
/** A list without a blank line is cut between its items when it gets this long. */
const LIST_LENGTH_MAX = 3000;
const LIST_ITEM = /^(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/;
const FENCE = /^(`{3,}|~{3,})/;
const DEFINITION = /^ {0,3}\[[^\]\n]{1,99}\]:/m;

type Cutter = {
	readonly chunks: Chunk[];
	lines: string[];
	length: number;
	gap: Chunk["gap"];
	fence: string | undefined;
	afterBlank: boolean;
};

/**
 * Cuts Markdown where everything that came before is closed. Growing text then changes its last chunk only, so the others
 * need not be parsed again; and a chunk bounds what hostile text can cost.
 */
export function toChunks(markdown: string): readonly Chunk[] {
	// Definitions reach across chunks.
	if (markdown.length <= WHOLE_LENGTH_MAX && DEFINITION.test(markdown))
		return [{ text: markdown, gap: "\n\n" }];
	const cutter: Cutter = {
		chunks: [],
		lines: [],
		length: 0,
		gap: "\n\n",
		fence: undefined,
		afterBlank: false,
	};
	for (const line of markdown.split("\n")) addLine(cutter, line);
	flush(cutter, "\n\n");
	return cutter.chunks;
}

function addLine(cutter: Cutter, line: string): void {
	const isBlank = line.trim() === "";
	const { fence } = cutter;
	if (fence === undefined && !isBlank) {
		if (startsChunk(line, cutter.afterBlank, cutter.lines)) flush(cutter, "\n\n");
		else if (cutter.length > LIST_LENGTH_MAX && LIST_ITEM.test(line)) flush(cutter, "\n");
	}
	cutter.fence = nextFence(fence, line);
	if (!isBlank || cutter.lines.length > 0) {
		cutter.lines.push(line);
		cutter.length += line.length + 1;
	}
	const closed = fence !== undefined && cutter.fence === undefined;
	// A block of code at the margin is a chunk of its own.
	if (closed && FENCE.test(cutter.lines[0] ?? "")) flush(cutter, "\n\n");
	cutter.afterBlank = isBlank && cutter.fence === undefined;
}

/** Ends the chunk; `gap` parts it from the next. */
function flush(cutter: Cutter, gap: Chunk["gap"]): void {
	const text = cutter.lines.join("\n").trimEnd();
	if (text !== "") cutter.chunks.push({ text, gap: cutter.gap });
	cutter.lines = [];
	cutter.length = 0;
	cutter.gap = gap;
}

function startsChunk(line: string, afterBlank: boolean, before: readonly string[]): boolean {
	if (isFenceOpening(line)) return true;
	if (!afterBlank || /^[ \t]/.test(line)) return false;
	return !(LIST_ITEM.test(line) && LIST_ITEM.test(before[0] ?? ""));
}

/** The fence that is open after this line, however far it is indented. */
function nextFence(open: string | undefined, line: string): string | undefined {
	const text = line.trim();
	const mark = FENCE.exec(text)?.[1];
	if (open === undefined) return isFenceOpening(text) ? mark : undefined;
	if (mark === undefined || mark[0] !== open[0] || mark.length < open.length) return open;
	return text === mark ? undefined : open;
}

/** Backticks behind backticks on one line are code in a sentence. */
function isFenceOpening(line: string): boolean {
	return FENCE.test(line) && !/^`+[^`]+`/.test(line);
}
