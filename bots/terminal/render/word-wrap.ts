import { widthOf } from "./display-width.ts";
import type { Style } from "./style.ts";
import { paint } from "./style.ts";

/** Breaks styled text into lines as it comes. Only adds to its output, so it never needs to move the cursor. */
export type WordWrap = {
	/** What of it can be shown now: a word waits for its end. */
	write(text: string, style: Style): string;
	/** `text` as it is, without breaking: code. */
	writeRaw(text: string, style: Style): string;
	/** Ends the line; the next ones are indented by `indent` columns when they are continuations. */
	newline(indent?: number): string;
	setIndent(columns: number): void;
	flush(): string;
};

export type WordWrapOptions = {
	/** Columns; undefined: never break. */
	readonly width: number | undefined;
	readonly isColored: boolean;
};

/** Marks that must not begin a line. */
const CLOSING = new Set("，。！？；：、）」』】》〉…");

type Segment = { text: string; readonly style: Style };

export function createWordWrap({ width = Number.POSITIVE_INFINITY, isColored }: WordWrapOptions): WordWrap {
	let column = 0;
	let indent = 0;
	let spaces = 0;
	let word: Segment[] = [];
	let wordWidth = 0;

	function add(codePoint: string, style: Style, columns: number): void {
		const last = word.at(-1);
		if (last?.style === style) last.text += codePoint;
		else word.push({ text: codePoint, style });
		wordWidth += columns;
	}

	function flush(): string {
		if (word.length === 0) return "";
		const isTooWide = column > indent && column + spaces + wordWidth > width;
		const lead = isTooWide ? `\n${" ".repeat(indent)}` : " ".repeat(spaces);
		column = isTooWide ? indent + wordWidth : column + spaces + wordWidth;
		const painted = word.map((segment) => paint(segment.text, segment.style, isColored)).join("");
		spaces = 0;
		word = [];
		wordWidth = 0;
		return lead + painted;
	}

	function put(codePoint: string, style: Style): string {
		if (codePoint === " " || codePoint === "\t") {
			const shown = flush();
			spaces += codePoint === " " ? 1 : 4;
			return shown;
		}
		const columns = widthOf(codePoint);
		const isBreak = columns === 2 && !CLOSING.has(codePoint);
		// A word longer than the line is cut, it has nowhere better to go.
		const isFull = indent + wordWidth + columns > width;
		const shown = isBreak || isFull ? flush() : "";
		add(codePoint, style, columns);
		return shown;
	}

	return {
		write: (text, style) => Array.from(text, (codePoint) => put(codePoint, style)).join(""),
		writeRaw(text, style) {
			const shown = flush() + " ".repeat(spaces);
			spaces = 0;
			column += text.length;
			return shown + paint(text, style, isColored);
		},
		newline(nextIndent = 0) {
			const shown = flush();
			column = 0;
			spaces = 0;
			indent = nextIndent;
			return `${shown}\n`;
		},
		setIndent(columns) {
			indent = columns;
		},
		flush,
	};
}
