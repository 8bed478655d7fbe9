import type { Button, Reply } from "../pipeline/message.ts";
import type { OnboardingDraft } from "./draft.ts";

/** One question. Pure. */
export type Step = {
	ask(draft: OnboardingDraft): Reply;
	/** text: trimmed, never a command that counts here. */
	answerText(text: string, draft: OnboardingDraft): StepAnswer;
	/** Undefined: no button of this step carries that value (any more). */
	answerButton(value: string, draft: OnboardingDraft): StepAnswer | undefined;
};

export type StepAnswer = { readonly draft: OnboardingDraft } | { readonly again: Reply };

/** Buttons in rows that fit a telephone. */
export function toButtonRows(buttons: readonly Button[], columns: number): readonly (readonly Button[])[] {
	const rows: Button[][] = [];
	for (let index = 0; index < buttons.length; index += columns) {
		rows.push(buttons.slice(index, index + columns));
	}
	return rows;
}
