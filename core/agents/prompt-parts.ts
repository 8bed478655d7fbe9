import type { Language } from "../pipeline/message.ts";
import type { Skill } from "./agent.ts";

const LANGUAGE_NAMES = {
	en: "English",
	"zh-CN": "Simplified Chinese",
	ru: "Russian",
} as const satisfies Record<Language, string>;

/** In which language to answer. */
export function toLanguageManner(language: Language): string {
	return `Answer in the language of the user's last message; where it has none, in ${LANGUAGE_NAMES[language]}.`;
}

/** What the chosen skills tell a model; undefined: nothing. */
export function toSkillsPart(skills: readonly Skill[], chosen: readonly string[]): string | undefined {
	const told = skills.filter(({ id, guidance }) => guidance !== "" && chosen.includes(id));
	if (told.length === 0) return undefined;
	const lines = told.map(({ title, guidance }) => `- ${title.en}: ${guidance}`);
	return `Skills the user switched on for you:\n${lines.join("\n")}`;
}

/** The user's own wishes; undefined: none. */
export function toSoulPart(soul: string | undefined): string | undefined {
	const words = soul?.trim() ?? "";
	return words === "" ? undefined : `How the user wants you to be, in his or her own words:\n${words}`;
}
