import type { Button } from "../../core/pipeline/message.ts";
import type { TerminalInput } from "./terminal-event.ts";

/** The numbered buttons that can be chosen now. */
export type Menu = {
	open(buttons: readonly (readonly Button[])[] | undefined): void;
	close(): void;
	/** The button behind a typed number; undefined when it is no number of the open menu. */
	find(text: string): Button | undefined;
};

export function createMenu(): Menu {
	let choices: readonly Button[] = [];
	return {
		open(buttons) {
			if (buttons !== undefined && buttons.length > 0) choices = buttons.flat();
		},
		close() {
			choices = [];
		},
		find(text) {
			const number = /^\(?(\d{1,2})[.)]?$/.exec(text.normalize("NFKC").trim())?.[1];
			return number === undefined ? undefined : choices[Number(number) - 1];
		},
	};
}

/** A number of the open menu presses its button; anything else is a message. Either way the menu is closed. */
export function toInput(text: string, menu: Menu): TerminalInput {
	const button = menu.find(text);
	menu.close();
	return button === undefined ? { kind: "text", text } : { kind: "action", data: button.data };
}
