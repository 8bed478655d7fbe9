import { chatTexts } from "../../texts/chat-commands.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

/** Repeats the last message to the model; what a failed turn had cost is given back first, once. */
export const retryCommand: Command = {
	name: "retry",
	aliases: ["重试", "повтор", "повторить"],
	description: descriptionTexts.retry,
	scopes: ["private", "group"],
	async run({ account, deps, lane, language, sender }) {
		const turn = await deps.findLastTurn(lane, sender);
		if (turn === undefined) return toReply(say(chatTexts.nothingToRetry, language));
		const refundedMicro = turn.failed ? await deps.refundTurn(turn, account.id) : 0;
		return { kind: "retry", text: turn.text, turn, refunded: refundedMicro > 0 };
	},
};
