import type { Language } from "../pipeline/message.ts";

/** One thing a person can read, in every language we speak. Lives in the catalog files beside this one, by topic. */
export type Text = Readonly<Record<Language, string>>;

export const LANGUAGES: readonly Language[] = ["en", "zh-CN", "ru"];

/** Fills `{name}` places. @throws Error when a place has no value: a hole in a sentence is a bug, not a style. */
export function say(
	text: Text,
	language: Language,
	values: Readonly<Record<string, string | number>> = {},
): string {
	return text[language].replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = values[name];
		if (value === undefined) throw new Error(`no value for {${name}} in "${text.en}"`);
		return String(value);
	});
}

/** The language we speak for a BCP 47 tag such as "zh-hans" or "pt-br"; English when we do not speak it. */
export function toLanguage(tag: string | undefined): Language {
	const primary = tag?.toLowerCase().split(/[-_]/)[0];
	if (primary === "zh") return "zh-CN";
	if (primary === "ru" || primary === "uk" || primary === "be" || primary === "kk") return "ru";
	return "en";
}
