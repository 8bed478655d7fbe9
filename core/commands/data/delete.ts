import { descriptionTexts } from "../../texts/commands.ts";
import { dataTexts } from "../../texts/data.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { askConfirmation, findConfirmation } from "../confirmation.ts";

/** Asks first; what the answer must carry is known to this sender alone and for ten minutes. */
export const deleteCommand: Command = {
	name: "delete",
	aliases: ["删除", "удалить"],
	description: descriptionTexts.delete,
	scopes: ["private"],
	peopleOnly: true,
	async run(ctx) {
		if (ctx.args !== "") return await deleteConfirmed(ctx, ctx.args);
		const { token, write } = askConfirmation(ctx, "delete");
		const label = say(dataTexts.deleteButton, ctx.language);
		const reply = {
			markdown: say(dataTexts.deleteAsk, ctx.language, { token }),
			buttons: [[{ label, data: `delete:${token}` }]],
		};
		return { kind: "reply", replies: [reply], dialogues: [write] };
	},
};

export async function deleteConfirmed(ctx: CommandContext, token: string): Promise<CommandOutcome> {
	if (findConfirmation(ctx, "delete", token) === undefined) {
		return toReply(say(dataTexts.tokenExpired, ctx.language, { command: "delete" }));
	}
	const outcome = await ctx.deps.deleteAccount(ctx.account.id);
	// The question goes with the account; after "busy" it stays, so that the same button works in two minutes.
	return toReply(say(outcome === "deleted" ? dataTexts.deleted : dataTexts.deleteBusy, ctx.language));
}
