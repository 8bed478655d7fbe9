import type { Language } from "../pipeline/message.ts";

/** Everything people call a language we speak. */
const WORDS: Readonly<Record<Language, readonly string[]>> = {
	en: ["en", "eng", "english", "en-us", "en-gb", "английский", "英语", "英文"],
	"zh-CN": ["zh", "zh-cn", "zh-hans", "cn", "chinese", "中文", "汉语", "简体中文", "китайский"],
	ru: ["ru", "rus", "ru-ru", "russian", "русский", "по-русски", "俄语", "俄文"],
};

/** Undefined when the word names no language we speak. */
export function findLanguage(word: string): Language | undefined {
	const wanted = word.normalize("NFKC").trim().toLowerCase().replaceAll("_", "-");
	return (Object.keys(WORDS) as Language[]).find((language) => WORDS[language].includes(wanted));
}
