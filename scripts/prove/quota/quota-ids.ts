import { toReservationId } from "../../../core/models/reservation-id.ts";
import { createRandom } from "../prove-options.ts";

/** What all clients of one run agree on without talking to each other. */
export type QuotaRun = {
	readonly url: string;
	readonly seed: number;
	readonly accounts: readonly string[];
	/** Unix ms. Numbers count on from here, so that clients of different processes meet at the same ones. */
	readonly startedAtMs: number;
};

/** The first account has this share of the calls. */
const HOT = 0.3;
const MS_A_NUMBER = 6;
const SPREAD = 0x9e3779b1;

/** The number of this moment. */
export function toNumber({ startedAtMs }: QuotaRun, nowMs: number): number {
	return Math.max(0, Math.trunc((nowMs - startedAtMs) / MS_A_NUMBER));
}

/** How many numbers go by in so many milliseconds. */
export function countNumbers(ms: number): number {
	return Math.trunc(ms / MS_A_NUMBER);
}

export function toCallId({ seed }: QuotaRun, number: number): string {
	return toReservationId(`${number}:${seed}`, 0);
}

/** The same number is always a call of the same account. */
export function toAccount({ seed, accounts }: QuotaRun, number: number): string {
	const random = createRandom(seed ^ Math.imul(number + 1, SPREAD));
	const at = random() < HOT ? 0 : 1 + Math.trunc(random() * (accounts.length - 1));
	return accounts[at] ?? accounts[0] ?? "";
}
