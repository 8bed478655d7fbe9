import type { Button, Language } from "../../pipeline/message.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { quoteText } from "../../texts/format.ts";
import { LANGUAGES, say } from "../../texts/say.ts";
import { LANGUAGE_NAMES, settingsTexts } from "../../texts/settings.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { findLanguage } from "../find-language.ts";

export const langCommand: Command = {
	name: "lang",
	aliases: ["language", "语言", "язык"],
	description: descriptionTexts.lang,
	scopes: ["private"],
	async run(ctx) {
		if (ctx.args === "") return offerLanguages(say(settingsTexts.langNow, ctx.language));
		const language = findLanguage(ctx.args);
		if (language !== undefined) return await chooseLanguage(ctx, language);
		return offerLanguages(
			say(settingsTexts.langUnknown, ctx.language, { language: quoteText(ctx.args, 30) }),
		);
	},
};

/** Answers in the new language already. */
export async function chooseLanguage(
	{ account, deps }: CommandContext,
	language: Language,
): Promise<CommandOutcome> {
	await deps.setLanguage(account.id, language);
	return toReply(say(settingsTexts.langChosen, language));
}

function offerLanguages(markdown: string): CommandOutcome {
	const buttons: Button[] = LANGUAGES.map((code) => ({ label: LANGUAGE_NAMES[code], data: `lang:${code}` }));
	return { kind: "reply", replies: [{ markdown, buttons: [buttons] }] };
}
