/** Senders remembered at a time; the one seen longest ago is forgotten first. */
const SENDERS_MAX = 50_000;

/** Counts messages of one sender or group (source: security S35: 20 a minute each person, 30 a group). */
export type SenderPace = {
	/** Takes one message's place. refused: how long until there is one; `isFirst` marks the first refusal of a burst. */
	take(key: string, perMinute: number): PaceOutcome;
};

export type PaceOutcome =
	| { readonly kind: "allowed" }
	| { readonly kind: "refused"; readonly retryAfterMs: number; readonly isFirst: boolean };

/**
 * Token buckets in this process, each full at the start, so a burst of a whole minute passes. With several nodes a sender may
 * get up to that many times more; the queue of his lane and his quota bound him all the same.
 */
export function createSenderPace(nowMs: () => number = () => performance.now()): SenderPace {
	const buckets = new Map<string, { tokens: number; atMs: number; isRefusing: boolean }>();
	return {
		take: (key, perMinute) => {
			const now = nowMs();
			const known = buckets.get(key);
			const bucket = known ?? { tokens: perMinute, atMs: now, isRefusing: false };
			bucket.tokens = Math.min(perMinute, bucket.tokens + ((now - bucket.atMs) * perMinute) / 60_000);
			bucket.atMs = now;
			buckets.delete(key);
			buckets.set(key, bucket);
			const oldest = buckets.keys().next().value;
			if (buckets.size > SENDERS_MAX && oldest !== undefined) buckets.delete(oldest);
			if (bucket.tokens >= 1) {
				bucket.tokens -= 1;
				bucket.isRefusing = false;
				return { kind: "allowed" };
			}
			const isFirst = !bucket.isRefusing;
			bucket.isRefusing = true;
			return {
				kind: "refused",
				retryAfterMs: Math.ceil(((1 - bucket.tokens) * 60_000) / perMinute),
				isFirst,
			};
		},
	};
}
