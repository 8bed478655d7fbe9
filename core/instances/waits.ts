import { FIGURES } from "./figures.ts";

/** The wait before the next try: doubles with each failure, a fifth more or less, and has an end. */
export function toBackoffMs(fails: number, jitter: number): number {
	const ms = FIGURES.backoffMs * 2 ** Math.min(fails - 1, 20);
	return Math.round(Math.min(ms, FIGURES.backoffMsMax) * (1 + jitter / 5));
}

/** A fifth more or less. */
export function spread(ms: number, jitter: number): number {
	return Math.round(ms * (1 + jitter / 5));
}
