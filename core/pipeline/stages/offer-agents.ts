import { recommend } from "../../agents/recommend.ts";
import { pipelineTexts } from "../../texts/pipeline.ts";
import { say } from "../../texts/say.ts";
import type { Reply } from "../message.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Caller } from "./identify-sender.ts";

/**
 * Agents that fit what was said, one tap each; undefined when none does or the fitting one answers already. In groups nothing
 * is offered: a tap there could be anybody's. Nor to programs, which cannot tap and want the answer alone.
 */
export async function offerAgents(
	deps: Pick<PipelineDeps, "matchIntents" | "loadCatalog">,
	{ account, chat }: Caller,
	text: string,
): Promise<Reply | undefined> {
	if (chat.kind === "group" || chat.platform === "http") return undefined;
	const matches = deps.matchIntents(text);
	if (matches.length === 0) return undefined;
	const { agents, skills } = recommend(matches, await deps.loadCatalog());
	if (agents.length === 0 || agents.some(({ id }) => id === account.agent?.agentId)) return undefined;
	const { language } = account;
	const lines = [
		say(pipelineTexts.offerAgents, language),
		...agents.map((agent) =>
			say(pipelineTexts.offerRow, language, {
				title: agent.title[language],
				summary: agent.summary[language],
			}),
		),
	];
	if (skills.length > 0) {
		const names = skills.map((skill) => skill.title[language]).join(language === "zh-CN" ? "、" : ", ");
		lines.push(say(pipelineTexts.offerSkills, language, { skills: names }));
	}
	return {
		markdown: lines.join("\n\n"),
		buttons: agents.map((agent) => [{ label: agent.title[language], data: `agent:${agent.id}` }]),
	};
}
