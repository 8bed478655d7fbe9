import type { Channel, Pace } from "../channels/channel.ts";
import type { Chat } from "../pipeline/message.ts";
import type { StateWrite } from "./part.ts";

/** Telegram: about one message a second in a chat, short bursts pass; 20 a minute in a group. */
const DEFAULT_PACE = {
	private: { intervalMs: 1_000, burst: 30 },
	group: { intervalMs: 3_000, burst: 6 },
} as const satisfies Record<Chat["kind"], Pace>;

/**
 * What a turn used of its chat's pace. The lane rests until it is back within its allowance (GCRA), which blocks nobody else.
 * calls: messages and edits of this turn; elapsedMs: since it was claimed.
 */
export function paceOf(
	channel: Channel,
	chat: Chat,
	used: { readonly calls: number; readonly elapsedMs: number },
): Pick<StateWrite, "costMs" | "burstMs" | "elapsedMs"> {
	const { pace, edit } = channel.capabilities;
	const own = pace === undefined && edit ? DEFAULT_PACE[chat.kind] : pace?.[chat.kind];
	// A short answer is a placeholder and an edit, and counts as the one message it is.
	const messages = Math.max(1, used.calls - 1);
	if (own === undefined || used.calls === 0) return {};
	return {
		costMs: messages * own.intervalMs,
		burstMs: own.burst * own.intervalMs,
		elapsedMs: Math.max(0, Math.trunc(used.elapsedMs)),
	};
}
