import type { Language } from "../pipeline/message.ts";
import type { AgentConfig, Catalog } from "./agent.ts";

/** An agent of an account in words, for a program that keeps its agents in files. */
export type AgentWords = {
	readonly id: string;
	readonly name: string;
	readonly soul: string;
	readonly instructions: string;
};

/** Who answers where nobody was chosen. */
export const ASSISTANT_ID = "assistant";

/** Their words are about this chat, which cannot do what they are for. */
const CHAT_ONLY = new Set(["searxng"]);

/** All agents an account may choose in an instance of its own, the plain assistant first. Pure. */
export function toAgentWords(
	configs: readonly AgentConfig[],
	catalog: Catalog,
	language: Language,
): readonly [AgentWords, ...AgentWords[]] {
	const assistant: AgentWords = {
		id: ASSISTANT_ID,
		name: "Assistant",
		soul: "You are the personal assistant of one user. Be plain, friendly and exact.",
		instructions: toManners(language),
	};
	const others = catalog.agents.map(({ id, title, persona, skills }) => {
		const config = configs.find(({ agentId }) => agentId === id);
		const chosen = config?.skills ?? skills;
		const soul = config?.customSoul?.trim() ?? "";
		const lines = catalog.skills
			.filter((skill) => chosen.includes(skill.id) && skill.guidance !== "" && !CHAT_ONLY.has(skill.id))
			.map((skill) => `- ${skill.title.en}: ${skill.guidance}`);
		return {
			id,
			name: title[language],
			soul:
				soul === ""
					? persona
					: `${persona}\n\nHow the user wants you to be, in his or her own words:\n${soul}`,
			instructions: [
				toManners(language),
				...(lines.length === 0 ? [] : [`Skills the user switched on for you:\n${lines.join("\n")}`]),
			].join("\n\n"),
		};
	});
	return [assistant, ...others];
}

const LANGUAGE_NAMES = {
	en: "English",
	"zh-CN": "Simplified Chinese",
	ru: "Russian",
} as const satisfies Record<Language, string>;

function toManners(language: Language): string {
	return [
		`Answer in the language of the user's last message; where it has none, in ${LANGUAGE_NAMES[language]}.`,
		"Your answers are read in a messenger on a small screen: the answer first, short paragraphs, Markdown only where it helps.",
		"Say what you did and what came of it; never claim to have done what you did not do.",
	].join(" ");
}
