import { httpProblem } from "../http-problem.ts";

/** Keys remembered at a time; the longest unused is forgotten first, which gives it a full bucket again. */
const KEYS_MAX = 50_000;

type Bucket = { tokens: number; filledAtMs: number };

/**
 * A token bucket a key: `perMinute` at once, then one each 60 s / perMinute. Counts on this node only.
 * The returned function takes one. @throws AppError RATE_LIMITED with `details.retryAfterMs`.
 */
export function createKeyRate(perMinute: number, nowMs: () => number): (keyId: string) => void {
	const buckets = new Map<string, Bucket>();
	const msPerToken = 60_000 / perMinute;

	return (keyId) => {
		const now = nowMs();
		const bucket = buckets.get(keyId) ?? { tokens: perMinute, filledAtMs: now };
		bucket.tokens = Math.min(perMinute, bucket.tokens + (now - bucket.filledAtMs) / msPerToken);
		bucket.filledAtMs = now;
		buckets.delete(keyId);
		buckets.set(keyId, bucket);
		const oldest = buckets.keys().next().value;
		if (buckets.size > KEYS_MAX && oldest !== undefined) buckets.delete(oldest);
		if (bucket.tokens < 1) {
			throw httpProblem("too-many-requests", { retryAfterMs: Math.ceil((1 - bucket.tokens) * msPerToken) });
		}
		bucket.tokens -= 1;
	};
}
