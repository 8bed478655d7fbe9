import { agentTexts } from "../../texts/agent-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { AgentView, Command, CommandContext, SkillView } from "../command.ts";
import { toReply } from "../command.ts";

export const skillsCommand: Command = {
	name: "skills",
	aliases: ["skill", "技能", "навыки"],
	description: descriptionTexts.skills,
	scopes: ["private"],
	async run(ctx) {
		const { account, deps, language } = ctx;
		const skills = await deps.listSkills();
		if (skills.length === 0) return toReply(say(agentTexts.skillsNone, language));
		const agents = await deps.listAgents(account.id);
		const rows = skills.map((skill) => toRow(ctx, skill, agents));
		const intro = say(agentTexts.skillsIntro, language);
		return toReply(`${intro}\n${rows.join("\n")}\n\n${say(agentTexts.skillsHow, language)}`);
	},
};

function toRow({ language }: CommandContext, skill: SkillView, agents: readonly AgentView[]): string {
	const row = say(agentTexts.row, language, {
		title: say(skill.title, language),
		id: skill.id,
		summary: say(skill.summary, language),
	});
	const users = agents.filter(({ skills }) => skills.includes(skill.id));
	if (users.length === 0) return row;
	const names = users.map(({ title }) => say(title, language)).join(", ");
	return `${row} (${say(agentTexts.skillsUsedBy, language, { agents: names })})`;
}
