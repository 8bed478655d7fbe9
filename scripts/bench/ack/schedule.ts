import { createRandom } from "../../../bots/telegram/testing/fake-random.ts";

export type ScheduleOptions = { readonly rate: number; readonly seconds: number; readonly seed: number };

/**
 * Moments of independent senders, `rate` a second on the average: milliseconds from the start, ascending. Poisson arrivals come
 * in bursts and pauses, as a crowd does; an even beat would hide what a burst costs.
 */
export function toSchedule({ rate, seconds, seed }: ScheduleOptions): readonly number[] {
	const random = createRandom(seed);
	const moments: number[] = [];
	const endMs = seconds * 1_000;
	let atMs = 0;
	for (;;) {
		// 1 - random(): never 0, whose logarithm is no number.
		atMs += (-Math.log(1 - random()) * 1_000) / rate;
		if (atMs >= endMs) return moments;
		moments.push(atMs);
	}
}
