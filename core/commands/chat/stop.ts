import { chatTexts } from "../../texts/chat-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

/** Runs in the fast lane, beside the answer it stops. In a group it stops only what its own sender asked for. */
export const stopCommand: Command = {
	name: "stop",
	aliases: ["停止", "стоп"],
	description: descriptionTexts.stop,
	scopes: ["private", "group"],
	async run({ account, chat, deps, lane, language }) {
		const isStopped = await deps.stopTurn(lane, account.id);
		if (!isStopped) return toReply(say(chatTexts.nothingToStop, language));
		// In a chat the answer that it ends says so itself; a program waits for an answer to each request.
		return chat.platform === "http" ? toReply(say(chatTexts.stopped, language)) : toReply();
	},
};
