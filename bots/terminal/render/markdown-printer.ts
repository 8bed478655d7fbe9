import { takeInline } from "./inline.ts";
import type { LineKind } from "./line-kind.ts";
import { toLineKind } from "./line-kind.ts";
import { stripControl } from "./strip-control.ts";
import type { Style } from "./style.ts";
import type { WordWrap, WordWrapOptions } from "./word-wrap.ts";
import { createWordWrap } from "./word-wrap.ts";

/**
 * Markdown to terminal text while it arrives. What it returned is never taken back, and the pieces a text comes in do not
 * change the result: a mark waits until it is known what it means.
 */
export type MarkdownPrinter = {
	push(piece: string): string;
	/** The rest. The printer is done afterwards. */
	end(): string;
};

const DIM: Style = { dim: true };
const CODE: Style = { code: true };

export function createMarkdownPrinter(options: WordWrapOptions): MarkdownPrinter {
	const wrap = createWordWrap(options);
	/** The part of the current line nothing was done with yet. */
	let rest = "";
	let before = "";
	let line: LineKind | undefined;
	let fence: string | undefined;
	const clean = createCleaner();

	function printLine(isComplete: boolean): string {
		if (fence !== undefined) return printCode(isComplete);
		if (line === undefined) {
			const kind = toLineKind(rest, isComplete);
			if (kind === undefined) return "";
			line = kind;
			if (kind.kind === "text") {
				rest = rest.slice(kind.leadLength);
				const shown = wrap.writeRaw(kind.lead, kind.style);
				wrap.setIndent(kind.lead.length);
				return shown + printInline(kind.style, isComplete);
			}
		}
		if (line.kind === "text") return printInline(line.style, isComplete);
		return isComplete ? printMark(line) : "";
	}

	function printInline(style: Style, isComplete: boolean): string {
		let shown = "";
		while (rest !== "") {
			const taken = takeInline(rest, { style, isComplete, before });
			if (taken === undefined) break;
			for (const run of taken.runs) shown += writeRun(wrap, run.text, run.style, options.isColored);
			before = rest.charAt(taken.length - 1);
			rest = rest.slice(taken.length);
		}
		return shown;
	}

	function printMark(kind: Exclude<LineKind, { kind: "text" }>): string {
		const text = rest;
		rest = "";
		if (kind.kind === "rule") return wrap.writeRaw("─".repeat(Math.min(options.width ?? 40, 40)), DIM);
		fence = /^ *(`{3,}|~{3,})/.exec(text)?.[1] ?? "```";
		return wrap.writeRaw(kind.info === "" ? "┌──" : `┌── ${kind.info}`, DIM);
	}

	function printCode(isComplete: boolean): string {
		const isFirst = line === undefined;
		const mayClose = isFirst && /^ {0,3}[`~]*\s*$/.test(rest);
		if (mayClose && !isComplete) return "";
		if (mayClose && fence !== undefined && rest.trim().startsWith(fence)) {
			fence = undefined;
			rest = "";
			return wrap.writeRaw("└──", DIM);
		}
		line = { kind: "text", lead: "", leadLength: 0, style: CODE };
		const text = rest.replaceAll("\t", "    ");
		rest = "";
		return (isFirst ? wrap.writeRaw("│ ", DIM) : "") + wrap.writeRaw(text, CODE);
	}

	function endLine(): string {
		const shown = printLine(true);
		line = undefined;
		before = "";
		rest = "";
		return shown;
	}

	return {
		push(piece) {
			let shown = "";
			const [first = "", ...others] = clean(piece).split("\n");
			rest += first;
			for (const next of others) {
				shown += endLine() + wrap.newline();
				rest = next;
			}
			return shown + (rest === "" ? "" : printLine(false));
		},
		end: () => (rest === "" && line === undefined ? "" : endLine()) + wrap.flush(),
	};
}

/** Without colours code keeps its quotes; other emphasis reads well without its marks. */
function writeRun(wrap: WordWrap, text: string, style: Style, isColored: boolean): string {
	return wrap.write(style.code === true && !isColored ? `\`${text}\`` : text, style);
}

/** Half a character waits for its other half. */
function createCleaner(): (piece: string) => string {
	let held = "";
	return (piece) => {
		const text = held + piece;
		held = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : "";
		return stripControl(text.slice(0, text.length - held.length));
	};
}
