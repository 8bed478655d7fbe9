/** A place with limits: a provider's key, or an account. */
export type Gate = {
	/** "p:kimi", "a:17". */
	readonly key: string;
	/** Calls at a time. */
	readonly concurrency: number;
	/** Absent: no such limit. */
	readonly rates?: Rates;
};

export type Rates = {
	readonly requestsPerMinute: number;
	readonly tokensPerMinute: number;
	/**
	 * How much may go at once. share (unless told): a fifth, so that no minute sees more than its limit, as the keys of
	 * providers need it. minute: all of a minute's, and a steady stream at the limit never waits, as callers expect it.
	 */
	readonly burst?: "share" | "minute";
};

export type TakeRequest = {
	/** Unique for this attempt; what is released later. */
	readonly permitId: string;
	/** All of them or none. */
	readonly gates: readonly Gate[];
	/** Estimated tokens of the call. */
	readonly tokens: number;
};

export type TakeOutcome =
	| { readonly kind: "taken" }
	/** retryAfterMs: when the rates allow it; Infinity: when somebody leaves. */
	| { readonly kind: "full"; readonly gateKey: string; readonly retryAfterMs: number };

/** Share of a minute's allowance that may go at once; the rest flows evenly, so that no minute sees more than its limit. */
export const BURST_SHARE = 0.2;

export type Bucket = {
	/** What may go at once. */
	readonly capacity: number;
	/** What flows in, a millisecond. */
	readonly perMs: number;
};

export type Buckets = { readonly requests: Bucket; readonly tokens: Bucket };

/** The buckets of a gate with rates; worked out once for the same rates. */
export function toBuckets(rates: Rates): Buckets {
	const known = bucketsOf.get(rates);
	if (known !== undefined) return known;
	const { requestsPerMinute, tokensPerMinute, burst } = rates;
	const toOne = burst === "minute" ? toMinuteBucket : toBucket;
	const buckets = { requests: toOne(requestsPerMinute), tokens: toOne(tokensPerMinute) };
	bucketsOf.set(rates, buckets);
	return buckets;
}

const bucketsOf = new WeakMap<Rates, Buckets>();

function toMinuteBucket(perMinute: number): Bucket {
	return { capacity: perMinute, perMs: perMinute / 60_000 };
}

/** A token bucket of which any 60 seconds give at most `perMinute` (of limits too small to share: nearly). */
export function toBucket(perMinute: number): Bucket {
	const capacity = Math.max(1, perMinute * BURST_SHARE);
	return { capacity, perMs: Math.max(perMinute - capacity, perMinute / 2) / 60_000 };
}
