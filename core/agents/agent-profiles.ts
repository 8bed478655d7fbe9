import type { Language } from "../pipeline/message.ts";
import type { AgentConfig, Catalog } from "./agent.ts";
import { toLanguageManner, toSkillsPart, toSoulPart } from "./prompt-parts.ts";

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
		const skillsHere = catalog.skills.filter((skill) => !CHAT_ONLY.has(skill.id));
		return {
			id,
			name: title[language],
			soul: toText(persona, toSoulPart(config?.customSoul)),
			instructions: toText(toManners(language), toSkillsPart(skillsHere, chosen)),
		};
	});
	return [assistant, ...others];
}

function toText(...parts: readonly (string | undefined)[]): string {
	return parts.filter((part) => part !== undefined).join("\n\n");
}

function toManners(language: Language): string {
	return [
		toLanguageManner(language),
		"Your answers are read in a messenger on a small screen: the answer first, short paragraphs, Markdown only where it helps.",
		"Say what you did and what came of it; never claim to have done what you did not do.",
	].join(" ");
}
