import { once } from "node:events";
import type { Core } from "../../../core/core.ts";
import type { Language } from "../../../core/pipeline/message.ts";
import { say } from "../../../core/texts/say.ts";
import { terminalTexts } from "../../../core/texts/terminal.ts";
import type { Ask } from "../ask.ts";
import type { Menu } from "../menu.ts";
import { paint } from "../render/style.ts";
import type { Output, Screen, Writer } from "../screen.ts";
import type { Dialog } from "./dialog.ts";
import { createDialog } from "./dialog.ts";
import { createHistorySaver, loadHistory } from "./history-file.ts";
import type { Keyboard, PromptLine } from "./prompt-line.ts";
import { createPromptLine } from "./prompt-line.ts";
import { createTtyScreen } from "./tty-screen.ts";

export type InteractiveOptions = {
	readonly core: Pick<Core, "requestStop">;
	readonly ask: Ask;
	readonly menu: Menu;
	readonly input: Keyboard;
	readonly output: Output;
	readonly writer: Writer;
	readonly language: Language;
	readonly isColored: boolean;
	readonly canMove: boolean;
	readonly historyPath: string;
	readonly commands: readonly string[];
	readonly panelUrl: string | undefined;
	/** Aborted when the process must end. */
	readonly signal: AbortSignal;
	/** Called once the chat can show messages. */
	readonly onOpen: (screen: Screen) => void;
};

/** A chat at a keyboard. Resolves when the user leaves, the terminal closes or the process must end. */
export async function runInteractive(options: InteractiveOptions): Promise<void> {
	const { core, ask, menu, input, output, writer, language, isColored } = options;
	const over = new AbortController();
	const end = (): void => over.abort();
	const prompt = paint("› ", { bold: true, code: true }, isColored);
	const history = createHistorySaver(options.historyPath);
	const parts: { line?: PromptLine; dialog?: Dialog } = {};
	const screen = createTtyScreen({
		writer,
		isColored,
		canMove: options.canMove,
		prompt,
		columns: () => output.columns,
		hidePrompt: () => parts.line?.hide(),
		onWritten: () => {
			if (parts.dialog?.isBusy() === false && !over.signal.aborted) parts.line?.show();
		},
		isBusy: () => parts.dialog?.isBusy() === true,
	});
	await writer.write(toBanner(options));
	const line = createPromptLine({
		input,
		output,
		prompt,
		history: await loadHistory(options.historyPath),
		commands: options.commands,
		onLine: (text) => parts.dialog?.onLine(text),
		onInterrupt: () => parts.dialog?.onInterrupt(),
		onClose: end,
		onHistory: (lines) => history.save(lines),
	});
	parts.line = line;
	parts.dialog = createDialog({ core, ask, menu, screen, prompt: line, language, over });
	options.signal.addEventListener("abort", end, { once: true });
	screen.gone.addEventListener("abort", end, { once: true });
	if (options.signal.aborted || screen.gone.aborted) end();
	options.onOpen(screen);
	line.show();
	if (!over.signal.aborted) await once(over.signal, "abort");
	options.signal.removeEventListener("abort", end);
	screen.settle();
	line.close();
	await writer.write("\n");
	await history.flush();
}

function toBanner({ language, isColored, panelUrl }: InteractiveOptions): string {
	const lines = [
		paint(say(terminalTexts.title, language), { bold: true }, isColored),
		paint(say(terminalTexts.intro, language), { dim: true }, isColored),
		...(panelUrl === undefined
			? []
			: [paint(say(terminalTexts.panel, language, { url: panelUrl }), { dim: true }, isColored)]),
	];
	return `\n${lines.join("\n")}\n\n`;
}
