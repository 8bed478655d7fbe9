import type { Bucket, Gate, TakeOutcome, TakeRequest } from "./limits.ts";
import { toBuckets } from "./limits.ts";

/** The limits as this process alone can keep them. Every function is synchronous and cheap. */
export type LocalLimits = {
	take(request: TakeRequest): TakeOutcome;
	release(request: TakeRequest, tokensUnused: number): void;
	/** As if it had not been taken. */
	undo(request: TakeRequest): void;
	/** Milliseconds until a small call may pass; 0: now; Infinity: when somebody leaves. */
	waitMs(gate: Gate): number;
	/** Gates that are held in memory. */
	size(): number;
};

type GateState = { running: number; requests: number; tokens: number; at: number };

/** Idle gates are forgotten above this many; forgetting one gives it a full bucket. */
const GATES_MAX = 20_000;

/** now: milliseconds of a clock that never goes back. */
export function createLocalLimits(now: () => number): LocalLimits {
	const states = new Map<string, GateState>();

	function find(gate: Gate): GateState {
		const known = states.get(gate.key);
		if (known !== undefined) {
			refill(known, gate, now);
			return known;
		}
		if (states.size >= GATES_MAX) forgetIdle(states);
		const made = toFull(gate, now);
		states.set(gate.key, made);
		return made;
	}

	/** A gate that is not held in memory is free and full. */
	function toWait(gate: Gate, tokens: number): number {
		const known = states.get(gate.key);
		if (known === undefined) return 0;
		refill(known, gate, now);
		return toWaitMs(known, gate, tokens);
	}

	function giveBack(gate: Gate, requests: number, tokens: number): void {
		const state = find(gate);
		state.running -= 1;
		if (gate.rates === undefined) {
			if (state.running <= 0) states.delete(gate.key);
			return;
		}
		if (requests === 0 && tokens === 0) return;
		const buckets = toBuckets(gate.rates);
		state.requests = Math.min(buckets.requests.capacity, state.requests + requests);
		state.tokens = Math.min(buckets.tokens.capacity, state.tokens + tokens);
	}

	return {
		take({ gates, tokens }) {
			for (const gate of gates) {
				const retryAfterMs = toWait(gate, tokens);
				if (retryAfterMs > 0) return { kind: "full", gateKey: gate.key, retryAfterMs };
			}
			for (const gate of gates) {
				const state = find(gate);
				state.running += 1;
				state.requests -= 1;
				// May go below zero: a call larger than the bucket is paid for by the following ones.
				state.tokens -= tokens;
			}
			return { kind: "taken" };
		},
		release({ gates }, tokensUnused) {
			for (const gate of gates) giveBack(gate, 0, tokensUnused);
		},
		undo({ gates, tokens }) {
			for (const gate of gates) giveBack(gate, 1, tokens);
		},
		waitMs: (gate) => toWait(gate, 1),
		size: () => states.size,
	};
}

function toFull({ rates }: Gate, now: () => number): GateState {
	if (rates === undefined) return { running: 0, requests: 0, tokens: 0, at: 0 };
	const { requests, tokens } = toBuckets(rates);
	return { running: 0, requests: requests.capacity, tokens: tokens.capacity, at: now() };
}

/** Without rates nothing flows, and nobody asks what time it is. */
function refill(state: GateState, gate: Gate, now: () => number): void {
	if (gate.rates === undefined) return;
	const at = now();
	const elapsedMs = at - state.at;
	state.at = at;
	const { requests, tokens } = toBuckets(gate.rates);
	state.requests = Math.min(requests.capacity, state.requests + elapsedMs * requests.perMs);
	state.tokens = Math.min(tokens.capacity, state.tokens + elapsedMs * tokens.perMs);
}

function toWaitMs(state: GateState, gate: Gate, tokens: number): number {
	if (state.running >= gate.concurrency) return Number.POSITIVE_INFINITY;
	if (gate.rates === undefined) return 0;
	const buckets = toBuckets(gate.rates);
	return Math.max(
		toShortfallMs(buckets.requests, state.requests, 1),
		toShortfallMs(buckets.tokens, state.tokens, tokens),
	);
}

function toShortfallMs(bucket: Bucket, level: number, wanted: number): number {
	const missing = Math.min(wanted, bucket.capacity) - level;
	// The remainder of a division is no reason to wait.
	return missing <= 1e-6 ? 0 : Math.ceil(missing / bucket.perMs);
}

function forgetIdle(states: Map<string, GateState>): void {
	for (const [key, state] of states) if (state.running <= 0) states.delete(key);
}
