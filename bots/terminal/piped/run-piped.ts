import type { Readable } from "node:stream";
import type { Language } from "../../../core/pipeline/message.ts";
import { say } from "../../../core/texts/say.ts";
import { terminalTexts } from "../../../core/texts/terminal.ts";
import type { Ask } from "../ask.ts";
import type { Menu } from "../menu.ts";
import { toInput } from "../menu.ts";
import { findOutcomeWords } from "../say-outcome.ts";
import type { Screen, Writer } from "../screen.ts";
import { MESSAGE_LENGTH_MAX } from "../terminal-event.ts";
import { readLines } from "./read-lines.ts";

/** Finished messages only, as they are: for programs and for reading. */
export function createPipedScreen({ write, gone }: Writer): Screen {
	return {
		draft: () => {},
		message: async (markdown) => await write(`${markdown}\n`),
		notice: (text) => void write(`${text}\n`),
		working: () => {},
		gone,
	};
}

export type PipedOptions = {
	readonly ask: Ask;
	readonly menu: Menu;
	readonly screen: Screen;
	readonly input: Readable;
	readonly language: Language;
	/** Aborted when the process must end. */
	readonly signal: AbortSignal;
};

/** One line in, one answer out, in order. @returns 1 when an answer failed, else 0; a reader that left is no failure. */
export async function runPiped({
	ask,
	menu,
	screen,
	input,
	language,
	signal,
}: PipedOptions): Promise<number> {
	const over = AbortSignal.any([signal, screen.gone]);
	const onOver = (): void => {
		input.destroy();
	};
	over.addEventListener("abort", onOver, { once: true });
	if (over.aborted) onOver();
	let exitCode = 0;
	for await (const line of readLines(input, MESSAGE_LENGTH_MAX)) {
		const text = line.text.trim();
		if (over.aborted || /^\/(quit|exit)$/i.test(text)) break;
		if (text === "") continue;
		if (line.isTooLong) {
			screen.notice(say(terminalTexts.tooLong, language, { max: MESSAGE_LENGTH_MAX }));
			exitCode = 1;
			continue;
		}
		const { kind } = await ask(toInput(text, menu), over);
		if (kind !== "answered" && kind !== "closed") exitCode = 1;
		const words = findOutcomeWords(kind, language);
		if (words !== undefined) screen.notice(words);
	}
	over.removeEventListener("abort", onOver);
	return screen.gone.aborted ? 0 : exitCode;
}
