import type { Interface } from "node:readline";
import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline";
import type { Readable, Transform } from "node:stream";
import { Writable } from "node:stream";
import type { Output } from "../screen.ts";
import { HISTORY_LINES_MAX } from "./history-file.ts";
import { createPasteFilter, PASTE_MARKS_OFF, PASTE_MARKS_ON } from "./paste-filter.ts";

/** A keyboard: raw mode where there is one. */
export type Keyboard = Readable & { readonly isRaw?: boolean; setRawMode?(isRaw: boolean): unknown };

/** The line the user types into. While it is hidden typing goes on unseen and shows up with it again. */
export type PromptLine = {
	show(): void;
	/** Takes the line away, so that something can be written in its place. */
	hide(): void;
	/** The line was sent and stays as part of the conversation. */
	leave(): void;
	typed(): string;
	clearTyped(): void;
	close(): void;
};

export type PromptLineOptions = {
	readonly input: Keyboard;
	readonly output: Output;
	readonly prompt: string;
	/** Newest first. */
	readonly history: readonly string[];
	/** Completed by Tab after "/". */
	readonly commands: readonly string[];
	readonly onLine: (line: string) => void;
	readonly onInterrupt: () => void;
	readonly onClose: () => void;
	readonly onHistory: (newestFirst: readonly string[]) => void;
};

export function createPromptLine(options: PromptLineOptions): PromptLine {
	const { input, output } = options;
	const gate = createGate(output);
	const keys = toKeys(input);
	const readline = createInterface({
		input: keys,
		output: gate.stream,
		terminal: true,
		prompt: options.prompt,
		history: [...options.history],
		historySize: HISTORY_LINES_MAX,
		removeHistoryDuplicates: true,
		completer: (line: string) => complete(line, options.commands),
	});
	readline.on("line", options.onLine);
	readline.on("SIGINT", options.onInterrupt);
	readline.on("history", options.onHistory);
	readline.on("close", options.onClose);
	output.write(PASTE_MARKS_ON);

	return {
		show() {
			if (gate.isOpen()) return;
			const typed = readline.line;
			clearLine(readline);
			gate.open();
			readline.prompt();
			if (typed !== "") readline.write(typed);
		},
		hide() {
			if (!gate.isOpen()) return;
			moveCursor(output, 0, -readline.getCursorPos().rows);
			cursorTo(output, 0);
			clearScreenDown(output);
			gate.close();
		},
		leave: () => gate.close(),
		typed: () => readline.line,
		clearTyped: () => clearLine(readline),
		close() {
			gate.close();
			readline.close();
			input.unpipe(keys);
			input.pause();
			gate.dispose();
			output.write(PASTE_MARKS_OFF);
		},
	};
}

function clearLine(readline: Interface): void {
	readline.write(null, { ctrl: true, name: "e" });
	readline.write(null, { ctrl: true, name: "u" });
}

function complete(line: string, commands: readonly string[]): [string[], string] {
	if (!line.startsWith("/")) return [[], line];
	return [commands.map((name) => `/${name}`).filter((name) => name.startsWith(line.toLowerCase())), line];
}

/** readline reads the filtered keys but must still switch the real keyboard to raw mode. */
function toKeys(input: Keyboard): Transform {
	const keys = createPasteFilter();
	const setRawMode = (isRaw: boolean): void => {
		input.setRawMode?.(isRaw);
	};
	Object.assign(keys, { setRawMode, isTTY: true });
	input.on("error", () => keys.end());
	return input.pipe(keys);
}

type Gate = {
	readonly stream: Writable;
	isOpen(): boolean;
	open(): void;
	close(): void;
	dispose(): void;
};

/** What readline writes passes only while the prompt is visible. It begins closed. */
function createGate(output: Output): Gate {
	let isOpen = false;
	const stream = new Writable({
		write(chunk, _encoding, done) {
			if (isOpen) output.write(chunk);
			done();
		},
	});
	Object.defineProperty(stream, "columns", { get: () => output.columns });
	const onResize = (): void => {
		stream.emit("resize");
	};
	output.on("resize", onResize);
	return {
		stream,
		isOpen: () => isOpen,
		open() {
			isOpen = true;
		},
		close() {
			isOpen = false;
		},
		dispose: () => output.off("resize", onResize),
	};
}
