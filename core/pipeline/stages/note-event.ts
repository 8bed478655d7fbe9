import { toLane } from "../../core.ts";
import { moveConversation } from "../../db/conversations.ts";
import { setReachable } from "../../db/senders.ts";
import { SILENCE, toOutcome } from "../outcomes.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn, TurnOutcome } from "../turn.ts";

/** Events that are facts and not messages: remembered, never answered. Undefined for everything somebody said or pressed. */
export async function noteEvent(deps: PipelineDeps, turn: Turn): Promise<TurnOutcome | undefined> {
	const { content, sender, chat } = turn.inbound;
	switch (content.kind) {
		case "ignored":
			return SILENCE;
		case "notice":
			return toOutcome(content.replies);
		case "membership":
			if (sender !== undefined) await setReachable(deps.db, sender, content.reachable);
			return SILENCE;
		case "chat-migrated":
			await moveConversation(
				deps.db,
				toLane({ chat }, "normal"),
				toLane({ chat: { ...chat, id: content.toChatId } }, "normal"),
			);
			return SILENCE;
		default:
			return sender === undefined ? SILENCE : undefined;
	}
}
