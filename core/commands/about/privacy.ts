import { aboutTexts } from "../../texts/about.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

export const privacyCommand: Command = {
	name: "privacy",
	aliases: ["隐私", "приватность", "конфиденциальность"],
	description: descriptionTexts.privacy,
	scopes: ["private", "group"],
	async run({ deps, language }) {
		return toReply(say(aboutTexts.privacy, language, { days: deps.retentionDays }));
	},
};
