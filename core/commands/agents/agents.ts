import type { Button } from "../../pipeline/message.ts";
import { agentTexts } from "../../texts/agent-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { quoteText } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";

/** Button and argument that mean the plain assistant. */
export const NO_AGENT = "none";

export const agentsCommand: Command = {
	name: "agents",
	aliases: ["agent", "智能体", "агенты", "агент"],
	description: descriptionTexts.agents,
	scopes: ["private"],
	async run(ctx) {
		const agentId = ctx.args.toLowerCase();
		if (agentId === "") return await listAgents(ctx);
		return await chooseAgent(ctx, agentId);
	},
};

/** One tap or one word: this agent, with the skills that go with it, answers in this chat from now on. */
export async function chooseAgent(ctx: CommandContext, agentId: string): Promise<CommandOutcome> {
	const { account, deps, language, lane } = ctx;
	if (agentId === NO_AGENT) {
		await deps.clearAgent(account.id, lane);
		return toReply(say(agentTexts.cleared, language));
	}
	const agents = await deps.listAgents(account.id);
	const agent = agents.find(({ id }) => id === agentId);
	const wish = { accountId: account.id, lane, agentId, skills: undefined };
	if (agent === undefined || (await deps.configureAgent(wish)) === "unknown") {
		return toReply(say(agentTexts.unknown, language, { id: quoteText(agentId) }));
	}
	const lines = [
		say(agentTexts.configured, language, { title: say(agent.title, language) }),
		say(agent.summary, language),
	];
	const skills = await toSkillTitles(ctx, agent.skills);
	if (skills !== "") lines.push(say(agentTexts.withSkills, language, { skills }));
	return toReply(lines.join("\n\n"));
}

async function listAgents({ account, agentId, deps, language }: CommandContext): Promise<CommandOutcome> {
	const agents = await deps.listAgents(account.id);
	const [first] = agents;
	if (first === undefined) return toReply(say(agentTexts.none, language));
	const rows = agents.map((agent) => {
		const text = agent.id === agentId ? agentTexts.rowChosen : agentTexts.row;
		const title = say(agent.title, language);
		return say(text, language, { title, id: agent.id, summary: say(agent.summary, language) });
	});
	const how = say(agentTexts.how, language, { id: first.id });
	const markdown = `${say(agentTexts.intro, language)}\n${rows.join("\n")}\n\n${how}`;
	const buttons: Button[] = agents.map((agent) => ({
		label: say(agent.title, language),
		data: `agent:${agent.id}`,
	}));
	buttons.push({ label: say(agentTexts.plainButton, language), data: `agent:${NO_AGENT}` });
	return { kind: "reply", replies: [{ markdown, buttons: toRows(buttons) }] };
}

async function toSkillTitles({ deps, language }: CommandContext, ids: readonly string[]): Promise<string> {
	if (ids.length === 0) return "";
	const skills = await deps.listSkills();
	return skills
		.filter(({ id }) => ids.includes(id))
		.map(({ title }) => say(title, language))
		.join(", ");
}

/** Two to a row: titles are short, screens are narrow. */
function toRows(buttons: readonly Button[]): readonly (readonly Button[])[] {
	const rows: Button[][] = [];
	for (let index = 0; index < buttons.length; index += 2) rows.push(buttons.slice(index, index + 2));
	return rows;
}
