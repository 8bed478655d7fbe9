import type { Chat } from "../pipeline/message.ts";

/** Chats that told us to wait (429). Sending before that makes the wait longer, so nothing is sent, previews included. */
export type Cooldown = {
	remainingMs(chat: Chat): number;
	start(chat: Chat, ms: number): void;
};

const CHATS_MAX = 10_000;

/** Known to this node only; another node meets the same refusal once. `now` is a monotonic clock in ms. */
export function createCooldown(now: () => number = () => performance.now()): Cooldown {
	const until = new Map<string, number>();
	return {
		remainingMs(chat) {
			const key = keyOf(chat);
			const end = until.get(key);
			if (end === undefined) return 0;
			const remaining = end - now();
			if (remaining > 0) return Math.ceil(remaining);
			until.delete(key);
			return 0;
		},
		start(chat, ms) {
			const key = keyOf(chat);
			const end = Math.max(now() + ms, until.get(key) ?? 0);
			until.delete(key);
			if (until.size >= CHATS_MAX) {
				const oldest = until.keys().next();
				if (oldest.done !== true) until.delete(oldest.value);
			}
			until.set(key, end);
		},
	};
}

function keyOf(chat: Chat): string {
	return `${chat.platform}:${chat.botId}:${chat.id}`;
}
