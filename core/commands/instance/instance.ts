import { removeDialogue } from "../../dialogues/dialogues.ts";
import { AppError } from "../../errors.ts";
import type { InstanceChange } from "../../instances/desk.ts";
import { toTrouble } from "../../instances/trouble.ts";
import type { Button } from "../../pipeline/message.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { dataTexts } from "../../texts/data.ts";
import { formatInstant } from "../../texts/format.ts";
import { phaseTexts, instanceCommandTexts as texts, troubleTexts } from "../../texts/instances.ts";
import type { Text } from "../../texts/say.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { askConfirmation, findConfirmation } from "../confirmation.ts";

/** What breaks something off is asked about first. */
export type AskedChange = Extract<InstanceChange, "stop" | "restart" | "delete">;

const ASK_TEXTS: Readonly<Record<AskedChange, { readonly ask: Text; readonly button: Text }>> = {
	stop: { ask: texts.askStop, button: texts.confirmStopButton },
	restart: { ask: texts.askRestart, button: texts.confirmRestartButton },
	delete: { ask: texts.askDelete, button: texts.confirmDeleteButton },
};
const DONE_TEXTS: Readonly<Record<"start" | AskedChange, Text>> = {
	start: texts.starting,
	restart: texts.starting,
	stop: texts.stopping,
	delete: texts.deleting,
};
const OPERATOR_PLAN_ID = "max_200";
const LOG_LINES = 20;
const LOG_LENGTH_MAX = 3_000;
const MIB = 2 ** 20;

/** "/instance" shows it; "/instance create | start | stop | restart | logs | delete" changes it. */
export const instanceCommand: Command = {
	name: "instance",
	aliases: ["实例", "экземпляр", "agent_instance"],
	description: descriptionTexts.instance,
	scopes: ["private"],
	async run(ctx) {
		const [verb = "", token] = ctx.args.toLowerCase().split(/\s+/);
		switch (verb) {
			case "create":
				return await createInstance(ctx);
			case "start":
				return await changeInstance(ctx, "start");
			case "stop":
			case "restart":
			case "delete":
				return token === undefined ? await askChange(ctx, verb) : await changeConfirmed(ctx, verb, token);
			case "logs":
				return await showLogs(ctx);
			default:
				return await showInstance(ctx);
		}
	},
};

export async function createInstance(ctx: CommandContext): Promise<CommandOutcome> {
	const { account, deps, language } = ctx;
	const note = await takeOperatorPlan(ctx);
	const { instance, isNew } = await deps.instances.create({ accountId: account.id });
	if (!isNew && instance.deployUntil === undefined) {
		return withButtons(ctx, `${say(texts.exists, language)}\n\n${await describe(ctx, instance)}`, instance);
	}
	// However often it is asked for: it is made once.
	await follow(ctx, instance.id, "made");
	return toReply(...note, say(texts.creating, language), say(texts.cost, language));
}

/** Who sits at the machine runs it: nobody sells him a plan, so he takes one. @returns what he is told of it */
async function takeOperatorPlan(ctx: CommandContext): Promise<readonly string[]> {
	const { account, chat, deps, inboxId, language, plan, sender } = ctx;
	const isOperator = account.isStaff && sender.platform === "terminal";
	if (!isOperator || plan === undefined || plan.instanceKind !== "none") return [];
	const wish = { planId: OPERATOR_PLAN_ID, months: undefined, dailyTokens: undefined };
	const { code } = await deps.issuePlanCode({ ...wish, issuedByAccountId: account.id });
	await deps.redeemBindCode({ code, sender, chat, language, turnId: inboxId, asksFirst: false });
	return [say(texts.operatorPlan, language)];
}

/** Does it when `token` is the one asked for a moment ago by this very sender. */
export async function changeConfirmed(
	ctx: CommandContext,
	change: AskedChange,
	token: string,
): Promise<CommandOutcome> {
	const confirmation = findConfirmation(ctx, `instance-${change}`, token);
	if (confirmation === undefined) {
		return toReply(say(dataTexts.tokenExpired, ctx.language, { command: `instance ${change}` }));
	}
	const outcome = await changeInstance(ctx, change);
	return outcome.kind === "reply"
		? { ...outcome, dialogues: [removeDialogue(ctx.sender, confirmation)] }
		: outcome;
}

export async function changeInstance(
	ctx: CommandContext,
	change: "start" | AskedChange,
): Promise<CommandOutcome> {
	const { account, deps, language } = ctx;
	const { id } = await findOwn(ctx);
	await deps.instances.change({ accountId: account.id, instanceId: id }, change);
	// Of this very message, so that a turn that is tried again tells once.
	if (change === "start" || change === "restart") await follow(ctx, id, ctx.inboxId);
	return toReply(say(DONE_TEXTS[change], language));
}

async function askChange(ctx: CommandContext, change: AskedChange): Promise<CommandOutcome> {
	await findOwn(ctx);
	const { token, write } = askConfirmation(ctx, `instance-${change}`);
	const { ask, button } = ASK_TEXTS[change];
	const reply = {
		markdown: say(ask, ctx.language, { token }),
		buttons: [[{ label: say(button, ctx.language), data: `inst-${change}:${token}` }]],
	};
	return { kind: "reply", replies: [reply], dialogues: [write] };
}

export async function showInstance(ctx: CommandContext): Promise<CommandOutcome> {
	const { account, deps, language, plan } = ctx;
	const [instance] = await deps.instances.list(account.id);
	if (instance !== undefined) return withButtons(ctx, await describe(ctx, instance), instance);
	const isOperator = account.isStaff && ctx.sender.platform === "terminal";
	const mayHave = isOperator || (plan !== undefined && plan.instanceKind !== "none");
	if (!mayHave) {
		const buttons = [[{ label: "/plan", data: "cmd:plan" }]];
		return { kind: "reply", replies: [{ markdown: say(texts.noneInPlan, language), buttons }] };
	}
	const markdown = [texts.none, texts.cost, texts.how].map((text) => say(text, language)).join("\n\n");
	const buttons = [[{ label: say(texts.createButton, language), data: "instance:create" }]];
	return { kind: "reply", replies: [{ markdown, buttons }] };
}

async function showLogs(ctx: CommandContext): Promise<CommandOutcome> {
	const { account, deps, language } = ctx;
	const { id } = await findOwn(ctx);
	const lines = await deps.instances.logs({ accountId: account.id, instanceId: id }, LOG_LINES);
	const text = lines.join("\n").replaceAll("```", "'''").slice(-LOG_LENGTH_MAX);
	if (text.trim() === "") return toReply(say(texts.logsEmpty, language));
	return toReply(`${say(texts.logs, language)}\n\n\`\`\`\n${text}\n\`\`\``);
}

type Own = Awaited<ReturnType<CommandContext["deps"]["instances"]["find"]>>;

async function describe(ctx: CommandContext, instance: Own): Promise<string> {
	const { account, deps, language, zone } = ctx;
	const { name, phase, why, createdAt, id, isAsleep } = instance;
	// How much it uses is nice to know, and no reason to say nothing.
	const use = await deps.instances.use({ accountId: account.id, instanceId: id }).catch(() => undefined);
	const lines = [
		say(texts.status, language, { name, phase: say(phaseTexts[phase], language) }),
		...(isAsleep ? [say(texts.asleep, language)] : []),
		...(why === undefined
			? []
			: [say(texts.why, language, { why: say(troubleTexts[toTrouble(why)], language) })]),
		...(use === undefined
			? []
			: [
					say(texts.use, language, {
						memory: Math.round(use.memoryBytes / MIB),
						cpu: Math.round(use.cpuMillis / 10),
					}),
				]),
		say(texts.created, language, { when: formatInstant(createdAt, zone, language) }),
		say(texts.how, language),
	];
	return lines.join("\n\n");
}

function withButtons(
	{ language }: CommandContext,
	markdown: string,
	{ desired, phase }: Own,
): CommandOutcome {
	const button = (label: Text, verb: string): Button => ({
		label: say(label, language),
		data: `instance:${verb}`,
	});
	const isOff = desired === "stopped" || phase === "failed";
	const buttons = [
		isOff
			? [button(texts.startButton, "start")]
			: [button(texts.restartButton, "restart"), button(texts.stopButton, "stop")],
		[button(texts.deleteButton, "delete")],
	];
	return { kind: "reply", replies: [{ markdown, ...(desired !== "deleted" && { buttons }) }] };
}

/** @throws AppError INSTANCE_NOT_FOUND */
async function findOwn({ account, deps }: CommandContext): Promise<Own> {
	const [instance] = await deps.instances.list(account.id);
	if (instance === undefined) throw new AppError("INSTANCE_NOT_FOUND", "the account has none");
	return instance;
}

/** Where answers are fetched nobody can be told later: such callers look for themselves. */
async function follow(ctx: CommandContext, instanceId: string, occasion: string): Promise<void> {
	const { account, chat, deps, language } = ctx;
	await deps.instances.follow({
		followId: `${instanceId}:${occasion}`,
		chat,
		accountId: account.id,
		instanceId,
		language,
	});
}
