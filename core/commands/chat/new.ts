import { chatTexts } from "../../texts/chat-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

export const newCommand: Command = {
	name: "new",
	aliases: ["reset", "新对话", "новый", "новая"],
	description: descriptionTexts.new,
	scopes: ["private", "group"],
	async run({ account, deps, lane, language }) {
		await deps.startNew(lane, account.id);
		return toReply(say(chatTexts.forgotten, language));
	},
};
