import type { AgentChoice } from "../accounts/account.ts";
import type { Language } from "../pipeline/message.ts";
import type { Catalog } from "./agent.ts";
import { toLanguageManner, toSkillsPart, toSoulPart } from "./prompt-parts.ts";

/**
 * The system prompt of a turn: manners of the chat, the chosen agent's persona, its skills, the user's own wishes. The
 * model has no tools and no rights (source: security S31), so nothing in here is a secret or a permission. Pure.
 */
export function buildSystemPrompt(
	choice: AgentChoice | undefined,
	catalog: Catalog,
	language: Language,
): string {
	const agent = catalog.agents.find(({ id }) => id === choice?.agentId);
	const parts = [chatManners(language)];
	if (agent === undefined || choice === undefined) return parts.join("\n\n");
	parts.push(agent.persona);
	const more = [toSkillsPart(catalog.skills, choice.skills), toSoulPart(choice.customSoul)];
	parts.push(...more.filter((part) => part !== undefined));
	return parts.join("\n\n");
}

function chatManners(language: Language): string {
	return [
		"You are a personal assistant in a messenger chat.",
		toLanguageManner(language),
		"Write for a small screen: the answer first, short paragraphs, Markdown only where it helps, code in fenced blocks.",
		"You see only this conversation. You cannot open links, run code, or act outside of the chat; say so when it is asked for, and never pretend to have done it.",
		"When you are not sure, say what you are unsure about. When a request is unclear, make the most likely sense of it and say which.",
	].join(" ");
}
