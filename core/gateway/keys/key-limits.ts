import { randomUUID } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { Gate, TakeOutcome, TakeRequest } from "../../models/limiter/limits.ts";
import type { LocalLimits } from "../../models/limiter/local-limits.ts";
import { createLocalLimits } from "../../models/limiter/local-limits.ts";
import type { SharedLimits } from "../../models/limiter/shared-limits.ts";
import type { KeyGrant } from "../key-grant.ts";

export type KeyLimitsOptions = {
	/** Of a key. */
	readonly requestsPerMinute: number;
	/** Requests of a key under way at a time; of an account, twice as many or what its plan gives, whichever is more. */
	readonly concurrency: number;
	/** The same limits for all nodes together; without, or while it is away, each node keeps them for itself. */
	readonly shared?: Pick<SharedLimits, "take" | "release">;
	/** Milliseconds of a clock that never goes back. */
	readonly nowMs?: () => number;
};

/** To be called once the request is over; more often does nothing. */
export type Leave = () => void;

export type KeyLimits = {
	/** @throws AppError RATE_LIMITED (details.reason "key-rate" or "key-busy", details.retryAfterMs), having taken nothing. */
	enter(grant: LimitedKey): Promise<Leave>;
};

type LimitedKey = Pick<KeyGrant, "keyId" | "accountId" | "plan">;

/** When somebody leaves cannot be known; soon enough for a client that waits. */
const BUSY_RETRY_MS = 1_000;
/** Tokens are the limiter's business. */
const ANY_TOKENS = 1_000_000_000;

/**
 * How many requests a key may make and have under way, and how many its account may have under way in all (source: security
 * S22). These count whole requests, those that wait in line too; how many of an account's calls are with a provider at a time
 * is the limiter's gate.
 */
export function createKeyLimits(options: KeyLimitsOptions): KeyLimits {
	const { shared, nowMs = () => performance.now() } = options;
	const local = createLocalLimits(nowMs);
	const gatesOf = new WeakMap<LimitedKey, readonly Gate[]>();

	function findGates(grant: LimitedKey): readonly Gate[] {
		const gates = gatesOf.get(grant) ?? toGates(grant, options);
		gatesOf.set(grant, gates);
		return gates;
	}

	function toLeave(request: TakeRequest): Leave {
		let isIn = true;
		return () => {
			if (!isIn) return;
			isIn = false;
			local.release(request, 0);
			shared?.release(request, 0);
		};
	}

	return {
		enter: async (grant) => {
			// Only limits that several nodes share must tell one from another.
			const permitId = shared === undefined ? "" : randomUUID();
			const request: TakeRequest = { permitId, gates: findGates(grant), tokens: 0 };
			// Local first: it costs nothing, and it is what remains when the shared limits go away.
			let outcome = local.take(request);
			if (outcome.kind === "taken" && shared !== undefined)
				outcome = await takeShared(local, shared, request);
			if (outcome.kind === "full") throw toRefusal(outcome.retryAfterMs);
			return toLeave(request);
		},
	};
}

function toGates({ keyId, accountId, plan }: LimitedKey, options: KeyLimitsOptions): readonly Gate[] {
	const { requestsPerMinute, concurrency } = options;
	const rates = { requestsPerMinute, tokensPerMinute: ANY_TOKENS, burst: "minute" } as const;
	return [
		{ key: `key:${keyId}`, concurrency, rates },
		{ key: `gateway:${accountId}`, concurrency: Math.max(concurrency * 2, plan?.concurrency ?? 0) },
	];
}

/** What this node has taken already: given back where the others have no room. */
async function takeShared(
	local: LocalLimits,
	shared: Pick<SharedLimits, "take">,
	request: TakeRequest,
): Promise<TakeOutcome> {
	const theirs = await shared.take(request);
	if (theirs === undefined || theirs.kind === "taken") return { kind: "taken" };
	local.undo(request);
	return theirs;
}

function toRefusal(waitMs: number): AppError {
	const isBusy = !Number.isFinite(waitMs);
	return new AppError("RATE_LIMITED", isBusy ? "too many requests under way" : "too many requests a minute", {
		details: {
			reason: isBusy ? "key-busy" : "key-rate",
			retryAfterMs: isBusy ? BUSY_RETRY_MS : Math.max(1, Math.ceil(waitMs)),
		},
	});
}
