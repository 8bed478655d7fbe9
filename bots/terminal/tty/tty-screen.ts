import type { MarkdownPrinter } from "../render/markdown-printer.ts";
import { createMarkdownPrinter } from "../render/markdown-printer.ts";
import { stripControl } from "../render/strip-control.ts";
import { paint } from "../render/style.ts";
import type { Screen, Writer } from "../screen.ts";
import { createSpinner } from "./spinner.ts";

/** Longer lines are hard to read. Columns. */
const WIDTH_MAX = 110;

export type TtyScreen = Screen & {
	/** The user's line is sent: make room and show that somebody works. */
	begin(label: string): void;
	/** Another label for the spinner, if it turns. */
	relabel(label: string): void;
	/** The answer is complete: what grows next is another one. */
	settle(): void;
	/** The user's own line, written for him because it waited. */
	echo(text: string): void;
};

export type TtyScreenOptions = {
	readonly writer: Writer;
	readonly isColored: boolean;
	/** False on terminals that cannot take a line back. */
	readonly canMove: boolean;
	readonly columns: () => number | undefined;
	/** Takes the prompt away before something is written. */
	readonly hidePrompt: () => void;
	/** Something was written completely; the prompt may come back. */
	readonly onWritten: () => void;
	readonly isBusy: () => boolean;
	readonly prompt: string;
};

export function createTtyScreen(options: TtyScreenOptions): TtyScreen {
	const { writer, isColored, canMove, hidePrompt, onWritten, isBusy } = options;
	const write = (text: string): void => void writer.write(text);
	const dim = (text: string): string => paint(text, { dim: true }, isColored);
	const spinner = createSpinner(write, dim);
	let printer: MarkdownPrinter | undefined;
	/** What is shown of the answer that grows. */
	let source = "";
	let label = "";

	function open(): MarkdownPrinter {
		spinner.stop();
		hidePrompt();
		return createMarkdownPrinter({ width: toWidth(options.columns()), isColored });
	}
	async function closeBlock(): Promise<boolean> {
		if (printer === undefined) return true;
		const rest = printer.end();
		printer = undefined;
		return await writer.write(`${rest}\n\n`);
	}
	/** The end of a draft may have spaces that the finished text has not. */
	function continuesDraft(markdown: string): boolean {
		return source !== "" && markdown.startsWith(source.trimEnd());
	}
	function grow(markdown: string): void {
		printer ??= open();
		write(printer.push(markdown.slice(source.length)));
		source = markdown;
	}

	return {
		gone: writer.gone,
		draft(markdown) {
			if (source !== "" && !continuesDraft(markdown)) {
				void closeBlock();
				source = "";
			}
			grow(markdown);
		},
		async message(markdown) {
			let isShown: boolean;
			if (continuesDraft(markdown)) {
				grow(markdown);
				source = "";
				isShown = await closeBlock();
			} else {
				// Another message came in between; the draft goes on after it.
				void closeBlock();
				const own = open();
				isShown = await writer.write(`${own.push(markdown)}${own.end()}\n\n`);
			}
			onWritten();
			return isShown;
		},
		notice(text) {
			void closeBlock();
			open();
			write(`${dim(stripControl(text))}\n\n`);
			onWritten();
		},
		working() {
			if (isBusy() && printer === undefined && canMove) spinner.start(label);
		},
		begin(newLabel) {
			label = newLabel;
			write("\n");
			if (canMove) spinner.start(label);
		},
		relabel(newLabel) {
			label = newLabel;
			if (printer !== undefined || !canMove) return;
			spinner.stop();
			spinner.start(label);
		},
		settle() {
			spinner.stop();
			void closeBlock();
			source = "";
		},
		echo(text) {
			write(`${options.prompt}${stripControl(text)}\n`);
		},
	};
}

/** Some pseudo terminals say that they have no columns at all. */
function toWidth(columns: number | undefined): number {
	return Math.max(Math.min(columns || 80, WIDTH_MAX) - 1, 20);
}
