import { bindConfirmed } from "../commands/access/bind.ts";
import { unbindConfirmed } from "../commands/access/unbind.ts";
import { chooseAgent } from "../commands/agents/agents.ts";
import { chooseTier } from "../commands/billing/tier.ts";
import { retryCommand } from "../commands/chat/retry.ts";
import type { CommandContext, CommandOutcome } from "../commands/command.ts";
import { findConfirmation } from "../commands/confirmation.ts";
import { deleteConfirmed } from "../commands/data/delete.ts";
import { changeConfirmed, instanceCommand } from "../commands/instance/instance.ts";
import { runCommand } from "../commands/run-command.ts";
import { chooseLanguage } from "../commands/settings/lang.ts";
import { chooseZone } from "../commands/settings/timezone.ts";
import { actionTexts, chatTexts } from "../texts/chat-commands.ts";
import type { Text } from "../texts/say.ts";
import { say } from "../texts/say.ts";
import type { Action } from "./parse-action.ts";
import { parseAction } from "./parse-action.ts";

/**
 * Does what a pressed button asks, for whoever pressed it and nobody else: settings are the presser's own, a confirmation
 * counts only for its sender, a message is sent again only to its author. Everything else is told to be expired.
 *
 * An answer to an open dialogue must have gone to that dialogue before; here its button is stale.
 *
 * @throws AppError as the command behind the button does.
 */
export async function runAction(data: string, ctx: CommandContext): Promise<CommandOutcome> {
	const action = parseAction(data);
	if (action === undefined || action.kind === "dialogue") return toToast(ctx, actionTexts.expired);
	if (ctx.chat.kind === "group" && !isForGroups(action)) return toToast(ctx, actionTexts.privately);
	return await perform(action, { ...ctx, args: "" });
}

/** In a group anybody can press anything: only what concerns the conversation there works. */
function isForGroups({ kind }: Action): boolean {
	return kind === "stop" || kind === "retry" || kind === "resend";
}

async function perform(
	action: Exclude<Action, { kind: "dialogue" }>,
	ctx: CommandContext,
): Promise<CommandOutcome> {
	switch (action.kind) {
		case "stop":
			return await stop(ctx);
		case "retry":
			return await retryCommand.run(ctx);
		case "resend":
			return await resend(action.inboxId, ctx);
		case "agent":
			return await chooseAgent(ctx, action.agentId);
		case "tier":
			return await chooseTier(ctx, action.policy);
		case "lang":
			return await chooseLanguage(ctx, action.language);
		case "zone":
			return await pressZone(action.zone, ctx);
		case "delete":
		case "unbind":
		case "bind":
		case "instance-stop":
		case "instance-restart":
		case "instance-delete":
			return await confirm(action, ctx);
		case "instance":
			return await instanceCommand.run({ ...ctx, args: action.verb });
		case "command":
			return await runCommand(action.name, ctx);
	}
}

/** The answer that it ends says so itself: a toast is enough. */
async function stop({ account, deps, lane, language }: CommandContext): Promise<CommandOutcome> {
	const isStopped = await deps.stopTurn(lane, account.id);
	return toToast({ language }, isStopped ? chatTexts.stopped : chatTexts.nothingToStop);
}

async function resend(inboxId: string, ctx: CommandContext): Promise<CommandOutcome> {
	const outcome = await ctx.deps.resend(inboxId, ctx.sender);
	return toToast(ctx, outcome === "queued" ? actionTexts.resending : actionTexts.expired);
}

async function pressZone(zone: string, ctx: CommandContext): Promise<CommandOutcome> {
	const found = ctx.deps.findZone(zone);
	if (found.kind !== "zone" || found.zone !== zone) return toToast(ctx, actionTexts.expired);
	return await chooseZone(ctx, zone);
}

async function confirm(
	{ kind, token }: Extract<Action, { readonly token: string }>,
	ctx: CommandContext,
): Promise<CommandOutcome> {
	if (findConfirmation(ctx, kind, token) === undefined) return toToast(ctx, actionTexts.expired);
	switch (kind) {
		case "delete":
			return await deleteConfirmed(ctx, token);
		case "unbind":
			return await unbindConfirmed(ctx, token);
		case "bind":
			return await bindConfirmed(ctx, token);
		case "instance-stop":
			return await changeConfirmed(ctx, "stop", token);
		case "instance-restart":
			return await changeConfirmed(ctx, "restart", token);
		case "instance-delete":
			return await changeConfirmed(ctx, "delete", token);
	}
}

function toToast({ language }: Pick<CommandContext, "language">, text: Text): CommandOutcome {
	return { kind: "reply", replies: [], toast: say(text, language) };
}
