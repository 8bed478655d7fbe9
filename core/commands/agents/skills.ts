import { agentTexts } from "../../texts/agent-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type {
	AgentView,
	Command,
	CommandContext,
	CommandOutcome,
	InstanceSkillView,
	SkillView,
} from "../command.ts";
import { toReply } from "../command.ts";

const ID_LENGTH_MAX = 40;

/** "/skills" lists them; "/skills install ID" and "/skills remove ID" change those of an agent of one's own. */
export const skillsCommand: Command = {
	name: "skills",
	aliases: ["skill", "技能", "навыки"],
	description: descriptionTexts.skills,
	scopes: ["private"],
	async run(ctx) {
		const [verb = "", id = ""] = ctx.args.toLowerCase().split(/\s+/);
		if (verb === "install") return await install(ctx, id.slice(0, ID_LENGTH_MAX));
		if (verb === "remove") return await remove(ctx, id.slice(0, ID_LENGTH_MAX));
		return await list(ctx);
	},
};

async function list(ctx: CommandContext): Promise<CommandOutcome> {
	const { account, deps, language } = ctx;
	const [skills, own] = await Promise.all([deps.listSkills(), listOwn(ctx)]);
	if (skills.length === 0 && own === undefined) return toReply(say(agentTexts.skillsNone, language));
	const agents = await deps.listAgents(account.id);
	const rows = skills.map((skill) => toRow(ctx, skill, agents));
	const intro = say(agentTexts.skillsIntro, language);
	const common = `${intro}\n${rows.join("\n")}\n\n${say(agentTexts.skillsHow, language)}`;
	return toReply(...(skills.length === 0 ? [] : [common]), ...(own === undefined ? [] : [own]));
}

/** Undefined: the account's plan has no agent of its own. */
async function listOwn(ctx: CommandContext): Promise<string | undefined> {
	const { account, deps, language, plan } = ctx;
	if (plan === undefined || plan.instanceKind === "none") return undefined;
	const skills = await deps.listInstanceSkills(account.id);
	const [first] = skills;
	if (first === undefined) return undefined;
	const rows = skills.map((skill) => toOwnRow(ctx, skill));
	const how = say(agentTexts.ownHow, language, { id: first.id });
	return `${say(agentTexts.ownIntro, language)}\n${rows.join("\n")}\n\n${how}`;
}

async function install({ account, deps, language }: CommandContext, id: string): Promise<CommandOutcome> {
	const skill = await deps.installSkill(account.id, id);
	if (skill === undefined) return toReply(say(agentTexts.ownUnknown, language, { id: toShown(id) }));
	const { title, version } = skill;
	return toReply(say(agentTexts.ownInstalled, language, { title: say(title, language), version }));
}

async function remove({ account, deps, language }: CommandContext, id: string): Promise<CommandOutcome> {
	const isRemoved = await deps.removeSkill(account.id, id);
	const text = isRemoved ? agentTexts.ownRemoved : agentTexts.ownUnknown;
	return toReply(say(text, language, { id: toShown(id) }));
}

/** What somebody typed, without what would be markup. */
function toShown(id: string): string {
	return id.replaceAll(/[^a-z0-9-]/g, "");
}

function toOwnRow({ language }: CommandContext, skill: InstanceSkillView): string {
	return say(agentTexts.ownRow, language, {
		mark: skill.isChosen ? "✓ " : "",
		title: say(skill.title, language),
		summary: say(skill.summary, language),
		...{ id: skill.id, version: skill.version },
	});
}

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
