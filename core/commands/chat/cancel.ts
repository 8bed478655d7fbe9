import { removeDialogue } from "../../dialogues/dialogues.ts";
import { chatTexts } from "../../texts/chat-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";
import { isQuestion } from "../confirmation.ts";

/** Throws away whatever question is open: an onboarding, a confirmation. */
export const cancelCommand: Command = {
	name: "cancel",
	aliases: ["取消", "отмена"],
	description: descriptionTexts.cancel,
	scopes: ["private", "group"],
	async run({ dialogues, sender, language }) {
		const open = dialogues.filter(isQuestion);
		if (open.length === 0) return toReply(say(chatTexts.nothingToCancel, language));
		return {
			kind: "reply",
			replies: [{ markdown: say(chatTexts.cancelled, language) }],
			dialogues: open.map((dialogue) => removeDialogue(sender, dialogue)),
		};
	},
};
