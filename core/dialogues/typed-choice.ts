import type { Button, Reply } from "../pipeline/message.ts";

/** "2", "2.", "2)" or "(2)". */
const NUMBER = /^\(?(\d{1,2})[.)]?$/;

/** The button somebody means who cannot press one: by its number, counted from 1 in reading order, or by its label. */
export function findTypedChoice(question: Reply, text: string): Button | undefined {
	const buttons = (question.buttons ?? []).flat();
	const typed = fold(text);
	const number = NUMBER.exec(typed)?.[1];
	if (number !== undefined) return buttons[Number(number) - 1];
	return buttons.find(({ label }) => fold(label) === typed);
}

function fold(text: string): string {
	return text.normalize("NFKC").trim().toLowerCase();
}
