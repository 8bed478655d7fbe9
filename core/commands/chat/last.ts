import { chatTexts } from "../../texts/chat-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

/** The stored answer once more, free: for chats where a lost message cannot be edited in (message flow, rule 9). */
export const lastCommand: Command = {
	name: "last",
	aliases: ["重发", "последний"],
	description: descriptionTexts.last,
	scopes: ["private", "group"],
	async run({ deps, lane, language, sender }) {
		const turn = await deps.findLastTurn(lane, sender);
		if (turn === undefined) return toReply(say(chatTexts.nothingLast, language));
		const replies = turn.result?.replies ?? [];
		if (replies.length === 0) return toReply(say(chatTexts.lastFailed, language));
		return { kind: "reply", replies };
	},
};
