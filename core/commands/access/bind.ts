import { removeDialogue } from "../../dialogues/dialogues.ts";
import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { dataTexts } from "../../texts/data.ts";
import { formatDay } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { BindOutcome, Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { askConfirmation, findConfirmation, readSubject } from "../confirmation.ts";

import { toOwnerWords } from "./account-owner.ts";

export const bindCommand: Command = {
	name: "bind",
	aliases: ["绑定", "привязать", "код"],
	description: descriptionTexts.bind,
	scopes: ["private"],
	async run(ctx) {
		if (ctx.args === "") return toReply(say(accessTexts.bindHow, ctx.language));
		if (findConfirmation(ctx, "bind", ctx.args) !== undefined) return await bindConfirmed(ctx, ctx.args);
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
	const outcome = await deps.redeemBindCode({
		code,
		sender,
		chat,
		language,
		turnId: inboxId,
		asksFirst: true,
	});
	return outcome.kind === "asks" ? askToJoin(ctx, outcome) : toReply(toWords(ctx, outcome));
}

/** Does it when `token` is the one asked for a moment ago by this very sender. @throws AppError as bindWithCode */
export async function bindConfirmed(ctx: CommandContext, token: string): Promise<CommandOutcome> {
	const confirmation = findConfirmation(ctx, "bind", token);
	const id = confirmation === undefined ? undefined : readSubject(confirmation);
	if (confirmation === undefined || id === undefined) {
		return toReply(say(dataTexts.tokenExpired, ctx.language, { command: "bind" }));
	}
	const { sender, chat, language, inboxId, deps } = ctx;
	const outcome = await deps.redeemBindCode({
		code: { id },
		sender,
		chat,
		language,
		turnId: inboxId,
		asksFirst: false,
	});
	return {
		kind: "reply",
		replies: [{ markdown: toWords(ctx, outcome) }],
		dialogues: [removeDialogue(sender, confirmation)],
	};
}

/** Joining erases what this chat has of its own, and shows its words to the other account: nobody does that by one tap on a link. */
function askToJoin(
	ctx: Omit<CommandContext, "args">,
	{ owner, codeId }: Extract<BindOutcome, { kind: "asks" }>,
): CommandOutcome {
	const { token, write } = askConfirmation(ctx, "bind", codeId);
	const markdown = say(accessTexts.bindAsk, ctx.language, { owner: toOwnerWords(owner), token });
	const buttons = [[{ label: say(accessTexts.bindButton, ctx.language), data: `bind:${token}` }]];
	return { kind: "reply", replies: [{ markdown, buttons }], dialogues: [write] };
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
	if (outcome.kind !== "plan") {
		return say(accessTexts.boundLink, language, { owner: toOwnerWords(outcome.owner) });
	}
	const plan = outcome.planName;
	if (outcome.endsAt === undefined) return say(accessTexts.boundPlan, language, { plan });
	return say(accessTexts.boundPlanUntil, language, { plan, day: formatDay(outcome.endsAt, zone, language) });
}
