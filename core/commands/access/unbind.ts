import { removeDialogue } from "../../dialogues/dialogues.ts";
import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { dataTexts } from "../../texts/data.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { askConfirmation, findConfirmation } from "../confirmation.ts";

const OUTCOME_TEXTS = {
	unbound: accessTexts.unbound,
	out: accessTexts.unboundOut,
	"only-sender": accessTexts.unbindOnly,
} as const;

export const unbindCommand: Command = {
	name: "unbind",
	aliases: ["解绑", "отвязать"],
	description: descriptionTexts.unbind,
	scopes: ["private"],
	peopleOnly: true,
	async run(ctx) {
		if (ctx.args !== "") return await unbindConfirmed(ctx, ctx.args);
		if (await ctx.deps.isOnlySender(ctx.account.id)) {
			return toReply(say(accessTexts.unbindOnly, ctx.language));
		}
		const { token, write } = askConfirmation(ctx, "unbind");
		const label = say(accessTexts.unbindButton, ctx.language);
		const reply = {
			markdown: say(accessTexts.unbindAsk, ctx.language, { token }),
			buttons: [[{ label, data: `unbind:${token}` }]],
		};
		return { kind: "reply", replies: [reply], dialogues: [write] };
	},
};

/** Does it when `token` is the one asked for a moment ago by this very sender. */
export async function unbindConfirmed(ctx: CommandContext, token: string): Promise<CommandOutcome> {
	const confirmation = findConfirmation(ctx, "unbind", token);
	if (confirmation === undefined) {
		return toReply(say(dataTexts.tokenExpired, ctx.language, { command: "unbind" }));
	}
	const outcome = await ctx.deps.unbindSender(ctx.sender, ctx.account.id);
	return {
		kind: "reply",
		replies: [{ markdown: say(OUTCOME_TEXTS[outcome], ctx.language) }],
		dialogues: [removeDialogue(ctx.sender, confirmation)],
	};
}
