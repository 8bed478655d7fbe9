import { aboutTexts } from "../../texts/about.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import { bindWithCode, refuseCodeInGroup } from "../access/bind.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

/** "/start" begins the onboarding, also once more; "/start CODE" is how a deep link hands over a bind code. */
export const startCommand: Command = {
	name: "start",
	aliases: ["开始", "старт", "начать"],
	description: descriptionTexts.start,
	scopes: ["private", "group"],
	async run(ctx) {
		if (ctx.args !== "") return await bindWithCode(ctx, ctx.args);
		return { kind: "dialogue", start: "onboarding" };
	},
	async runInGroup(ctx) {
		if (ctx.args !== "") return await refuseCodeInGroup(ctx, ctx.args);
		return toReply(say(aboutTexts.groupHello, ctx.language));
	},
};
