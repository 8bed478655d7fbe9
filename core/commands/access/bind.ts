import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { BindOutcome, Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";

export const bindCommand: Command = {
	name: "bind",
	aliases: ["绑定", "привязать", "код"],
	description: descriptionTexts.bind,
	scopes: ["private"],
	async run(ctx) {
		if (ctx.args === "") return toReply(say(accessTexts.bindHow, ctx.language));
		return await bindWithCode(ctx, ctx.args);
	},
	async runInGroup(ctx) {
		if (ctx.args === "") return toReply(say(accessTexts.bindHow, ctx.language));
		return await refuseCodeInGroup(ctx, ctx.args);
	},
};

/**
 * Redeems a code written with /bind, handed over by a deep link or sent bare. Private chats only.
 *
 * @throws AppError BIND_CODE_INVALID, RATE_LIMITED.
 */
export async function bindWithCode(ctx: Omit<CommandContext, "args">, code: string): Promise<CommandOutcome> {
	if (ctx.chat.kind === "group") return await refuseCodeInGroup(ctx, code);
	const { sender, chat, language, inboxId, deps } = ctx;
	const outcome = await deps.redeemBindCode({ code, sender, chat, language, turnId: inboxId });
	return toReply(toWords(ctx, outcome));
}

/** A code shown in a group is worthless from then on, whoever's it was (security, S2). */
export async function refuseCodeInGroup(
	ctx: Omit<CommandContext, "args">,
	code: string,
): Promise<CommandOutcome> {
	await ctx.deps.revokeExposedBindCode(code);
	return toReply(say(accessTexts.codeInGroup, ctx.language));
}

function toWords({ language, zone }: Omit<CommandContext, "args">, outcome: BindOutcome): string {
	if (outcome.kind === "link") return say(accessTexts.boundLink, language);
	const plan = outcome.planName;
	if (outcome.endsAt === undefined) return say(accessTexts.boundPlan, language, { plan });
	return say(accessTexts.boundPlanUntil, language, { plan, day: formatDay(outcome.endsAt, zone, language) });
}
