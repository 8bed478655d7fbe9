import type { FakeBot } from "../../../bots/telegram/testing/fake-telegram.ts";

/** How Telegram's posts ended. */
export type Posts = {
	readonly all: number;
	readonly again: number;
	/** By status; 0: the connection broke. */
	readonly failed: Readonly<Record<string, number>>;
	readonly longestMs: number;
	/** Nobody had said anything when Telegram's patience ended. */
	readonly timedOut: number;
};

/** Watches a bot's posts from now on. */
export function countPosts({ webhook }: FakeBot): () => Posts {
	const failed: Record<string, number> = {};
	let all = 0;
	let again = 0;
	let longestMs = 0;
	let timedOut = 0;
	webhook.onPost = ({ attempt, status = 0, durationMs }) => {
		all += 1;
		if (attempt > 1) again += 1;
		if (status !== 200) failed[status] = (failed[status] ?? 0) + 1;
		if (status === 0 && durationMs >= webhook.timeoutMs) timedOut += 1;
		longestMs = Math.max(longestMs, Math.round(durationMs));
	};
	return () => ({ all, again, failed, longestMs, timedOut });
}
