import { AppError } from "../errors.ts";
import { commandTexts } from "../texts/commands.ts";
import { quoteText } from "../texts/format.ts";
import { say } from "../texts/say.ts";
import { COMMANDS, findCommand } from "./all-commands.ts";
import type { Command, CommandContext, CommandOutcome } from "./command.ts";
import { toReply } from "./command.ts";
import { findNearestCommand } from "./nearest-command.ts";

/**
 * Runs a command a person wrote. A staff command is an unknown one for everybody else, and in a group only what may be said
 * before everybody is run.
 *
 * @throws AppError FORBIDDEN (details.reason "people-only") to a program; as the command's own function says; the boundary words it.
 */
export async function runCommand(name: string, ctx: CommandContext): Promise<CommandOutcome> {
	const command = findCommand(name);
	if (command === undefined || !isFor(command, ctx)) return toReply(toUnknown(name, ctx));
	if (command.peopleOnly === true && ctx.chat.platform === "http") {
		throw new AppError("FORBIDDEN", `/${command.name} is for people`, { details: { reason: "people-only" } });
	}
	// First of all: /start is at home in groups too, but does something else there.
	if (ctx.chat.kind === "group" && command.runInGroup !== undefined) return await command.runInGroup(ctx);
	if (command.scopes.includes(ctx.chat.kind)) return await command.run(ctx);
	return toReply(toPrivateOnly(command, ctx));
}

function isFor(command: Command, { account }: CommandContext): boolean {
	return command.staffOnly !== true || account.isStaff;
}

function toUnknown(name: string, ctx: CommandContext): string {
	const { language } = ctx;
	const sentences = [say(commandTexts.unknown, language, { name: quoteText(`/${name}`, 33) })];
	const nearest = findNearestCommand(
		name,
		COMMANDS.filter((command) => isFor(command, ctx)),
	);
	if (nearest !== undefined) {
		sentences.push(say(commandTexts.nearest, language, { command: nearest.name }));
	}
	sentences.push(say(commandTexts.seeHelp, language));
	return sentences.join(language === "zh-CN" ? "" : " ");
}

function toPrivateOnly(command: Command, { botUsername, language }: CommandContext): string {
	const text = say(commandTexts.privateOnly, language, { command: command.name });
	if (botUsername === undefined) return text;
	return `${text}\n\n[${say(commandTexts.privateLink, language)}](https://t.me/${botUsername})`;
}
