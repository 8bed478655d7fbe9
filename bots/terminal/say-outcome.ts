import type { Language } from "../../core/pipeline/message.ts";
import { say } from "../../core/texts/say.ts";
import { terminalTexts } from "../../core/texts/terminal.ts";
import type { Asked } from "./ask.ts";

/** What we add to an outcome in our own words; undefined when core has said all. */
export function findOutcomeWords(kind: Asked["kind"], language: Language): string | undefined {
	switch (kind) {
		case "not-stored":
			return say(terminalTexts.notStored, language);
		case "not-answered":
			return say(terminalTexts.notAnswered, language);
		case "not-ready":
			return say(terminalTexts.notReady, language);
		case "not-shown":
			return say(terminalTexts.notShown, language);
		default:
			return undefined;
	}
}
