import type { Core } from "../../../core/core.ts";
import type { Language } from "../../../core/pipeline/message.ts";
import { say } from "../../../core/texts/say.ts";
import { terminalTexts } from "../../../core/texts/terminal.ts";
import type { Ask } from "../ask.ts";
import type { Menu } from "../menu.ts";
import { toInput } from "../menu.ts";
import { findOutcomeWords } from "../say-outcome.ts";
import { MESSAGE_LENGTH_MAX } from "../terminal-event.ts";
import { PASTED_NEWLINE } from "./paste-filter.ts";
import type { TtyScreen } from "./tty-screen.ts";

/** Lines typed ahead of the answers. */
const AHEAD_MAX = 50;

/** The prompt, as far as the conversation needs it. */
export type PromptView = {
	show(): void;
	leave(): void;
	typed(): string;
	clearTyped(): void;
};

export type DialogOptions = {
	readonly core: Pick<Core, "requestStop">;
	readonly ask: Ask;
	readonly menu: Menu;
	readonly screen: TtyScreen;
	readonly prompt: PromptView;
	readonly language: Language;
	readonly over: AbortController;
};

/** What the user does, in the order of his keys. */
export type Dialog = {
	onLine(line: string): void;
	/** Ctrl-C: stops a running answer, then leaves; on an empty line it asks for a second one. */
	onInterrupt(): void;
	isBusy(): boolean;
};

type Running = { inboxId: string | undefined; isStopAsked: boolean };

export function createDialog(options: DialogOptions): Dialog {
	const { ask, menu, screen, prompt, language, over } = options;
	const ahead: string[] = [];
	let running: Running | undefined;
	let isQuitAsked = false;

	async function answer(text: string, turn: Running): Promise<void> {
		screen.begin(say(terminalTexts.thinking, language));
		const { kind } = await ask(toInput(text, menu), over.signal, (inboxId) => {
			turn.inboxId = inboxId;
			if (turn.isStopAsked) void stop(inboxId);
		});
		screen.settle();
		const words = findOutcomeWords(kind, language);
		if (words !== undefined) screen.notice(words);
	}

	async function pump(): Promise<void> {
		if (running !== undefined) return;
		for (let text = ahead.shift(); text !== undefined && !over.signal.aborted; text = ahead.shift()) {
			if (running !== undefined) screen.echo(text);
			running = { inboxId: undefined, isStopAsked: false };
			await answer(text, running);
		}
		running = undefined;
		if (!over.signal.aborted) prompt.show();
	}

	async function stop(inboxId: string): Promise<void> {
		// Core has logged a failure; the answer then simply runs to its end.
		await options.core.requestStop(inboxId).catch(() => {});
	}

	function stopRunning(turn: Running): void {
		turn.isStopAsked = true;
		screen.relabel(say(terminalTexts.stopping, language));
		if (turn.inboxId !== undefined) void stop(turn.inboxId);
	}

	function refuse(words: string): void {
		screen.notice(words);
		if (running === undefined) prompt.show();
	}

	function send(text: string): void {
		if (text.length > MESSAGE_LENGTH_MAX) {
			refuse(say(terminalTexts.tooLong, language, { max: MESSAGE_LENGTH_MAX }));
		} else if (ahead.length >= AHEAD_MAX) refuse(say(terminalTexts.queueFull, language));
		else {
			ahead.push(text);
			void pump();
		}
	}

	return {
		isBusy: () => running !== undefined,
		onLine(line) {
			const text = line.replaceAll(PASTED_NEWLINE, "\n").trim();
			isQuitAsked = false;
			if (running === undefined) prompt.leave();
			if (/^\/(quit|exit)$/i.test(text)) over.abort();
			else if (running !== undefined && /^\/stop$/i.test(text)) stopRunning(running);
			else if (text !== "") send(text);
			else if (running === undefined) prompt.show();
		},
		onInterrupt() {
			if (running !== undefined && !running.isStopAsked) {
				ahead.length = 0;
				stopRunning(running);
			} else if (running !== undefined || (isQuitAsked && prompt.typed() === "")) over.abort();
			else if (prompt.typed() !== "") prompt.clearTyped();
			else {
				isQuitAsked = true;
				screen.notice(say(terminalTexts.quitHint, language));
			}
		},
	};
}
