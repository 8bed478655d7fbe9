import type { Api } from "grammy";
import type { BotCommand, LanguageCode } from "grammy/types";
import type { Language } from "../../../core/pipeline/message.ts";
import { LANGUAGES } from "../../../core/texts/say.ts";
import { telegramTexts } from "../../../core/texts/telegram.ts";
import { shorten } from "../rendering/render.ts";

export type TelegramCommand = {
	/** Without the slash: 1 to 32 of a-z, 0-9 and _. */
	readonly name: string;
	readonly descriptions: Readonly<Record<Language, string>>;
	/** The kinds of chats whose menu lists it. */
	readonly scopes: readonly ("private" | "group")[];
};

const COMMANDS_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 256;
/** English is what everybody sees whose language is not listed. */
const LANGUAGE_CODES: Readonly<Record<Language, LanguageCode | undefined>> = {
	en: undefined,
	"zh-CN": "zh",
	ru: "ru",
};
const SCOPES = { private: "all_private_chats", group: "all_group_chats" } as const;

/**
 * The bot's command menus and its description, per language. Writes only what differs: Telegram limits these calls harshly, and
 * every node makes them at every start. @throws GrammyError, CallFailure
 */
export async function registerProfile(api: Api, commands: readonly TelegramCommand[]): Promise<void> {
	for (const language of LANGUAGES) {
		for (const scope of ["private", "group"] as const) {
			const menu = commands.filter(
				({ name, scopes }) => scopes.includes(scope) && /^[a-z0-9_]{1,32}$/.test(name),
			);
			await setCommands(api, scope, language, menu);
		}
		await setTexts(api, language);
	}
}

async function setCommands(
	api: Api,
	scope: "private" | "group",
	language: Language,
	commands: readonly TelegramCommand[],
): Promise<void> {
	const target = { scope: { type: SCOPES[scope] }, ...toLanguageCode(language) };
	const wanted: readonly BotCommand[] = commands.slice(0, COMMANDS_MAX).map(({ name, descriptions }) => ({
		command: name,
		description: shorten(descriptions[language], DESCRIPTION_LENGTH_MAX),
	}));
	if (isSameMenu(await api.getMyCommands(target), wanted)) return;
	await api.setMyCommands(wanted, target);
}

function isSameMenu(left: readonly BotCommand[], right: readonly BotCommand[]): boolean {
	const flat = (menu: readonly BotCommand[]) =>
		JSON.stringify(menu.map(({ command, description }) => [command, description]));
	return flat(left) === flat(right);
}

async function setTexts(api: Api, language: Language): Promise<void> {
	const code = toLanguageCode(language);
	const description = telegramTexts.description[language];
	const short = telegramTexts.shortDescription[language];
	if ((await api.getMyDescription(code)).description !== description) {
		await api.setMyDescription(description, code);
	}
	if ((await api.getMyShortDescription(code)).short_description !== short) {
		await api.setMyShortDescription(short, code);
	}
}

function toLanguageCode(language: Language): { readonly language_code?: LanguageCode } {
	const code = LANGUAGE_CODES[language];
	return code === undefined ? {} : { language_code: code };
}
