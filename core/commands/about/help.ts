import { aboutTexts } from "../../texts/about.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext } from "../command.ts";
import { toReply } from "../command.ts";

/** Lists what this person may run in this chat. `listCommands` is called at run time: the list contains /help itself. */
export function createHelpCommand(listCommands: () => readonly Command[]): Command {
	return {
		name: "help",
		aliases: ["帮助", "помощь", "справка", "menu"],
		description: descriptionTexts.help,
		scopes: ["private", "group"],
		async run(ctx) {
			const commands = listCommands().filter((command) => command.scopes.includes(ctx.chat.kind));
			const intro = ctx.chat.kind === "group" ? aboutTexts.helpGroup : aboutTexts.helpIntro;
			const lines = [say(intro, ctx.language), toLines(commands.filter(isForAll), ctx)];
			const staff = commands.filter((command) => !isForAll(command));
			if (ctx.account.isStaff && staff.length > 0) {
				lines.push(`${say(aboutTexts.helpStaff, ctx.language)}\n${toLines(staff, ctx)}`);
			}
			return toReply(lines.join("\n\n"));
		},
	};
}

function isForAll(command: Command): boolean {
	return command.staffOnly !== true;
}

function toLines(commands: readonly Command[], ctx: CommandContext): string {
	return commands
		.map((command) => `- /${command.name}: ${say(command.description, ctx.language)}`)
		.join("\n");
}
