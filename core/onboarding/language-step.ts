import { findLanguage } from "../commands/find-language.ts";
import type { Button, Language } from "../pipeline/message.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { LANGUAGES, say } from "../texts/say.ts";
import { LANGUAGE_NAMES } from "../texts/settings.ts";
import type { Step } from "./step.ts";

/** The first question, in the language the platform hints at. Each button names its language in itself. */
export const languageStep: Step = {
	ask: ({ language }) => ask(say(onboardingTexts.hello, language)),
	answerText(text, draft) {
		const language = findLanguage(text);
		return language === undefined
			? { again: ask(say(onboardingTexts.languageAgain, draft.language)) }
			: { draft: { ...draft, language } };
	},
	answerButton(value, draft) {
		const language = LANGUAGES.find((code) => code === value);
		return language === undefined ? undefined : { draft: { ...draft, language } };
	},
};

const BUTTONS: readonly Button[] = LANGUAGES.map((code: Language) => ({
	label: LANGUAGE_NAMES[code],
	data: `ob:language:${code}`,
}));

function ask(markdown: string) {
	return { markdown, buttons: [BUTTONS] };
}
