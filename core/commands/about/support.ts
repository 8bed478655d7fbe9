import { aboutTexts } from "../../texts/about.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

export const supportCommand: Command = {
	name: "support",
	aliases: ["客服", "支持", "поддержка"],
	description: descriptionTexts.support,
	scopes: ["private", "group"],
	async run({ supportUrl, language }) {
		return supportUrl === undefined
			? toReply(say(aboutTexts.supportNone, language))
			: toReply(say(aboutTexts.support, language, { url: supportUrl }));
	},
};
