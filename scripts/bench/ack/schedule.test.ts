import { expect, test } from "@jest/globals";
import { toSchedule } from "./schedule.ts";

test("the moments ascend, lie within the run and come at the rate, by and large", () => {
	const moments = toSchedule({ rate: 300, seconds: 20, seed: 7 });

	expect([...moments].sort((a, b) => a - b)).toEqual(moments);
	expect(moments.at(-1)).toBeLessThan(20_000);
	expect(moments.length).toBeGreaterThan(5_700);
	expect(moments.length).toBeLessThan(6_300);
});

test("a crowd has bursts: many gaps are far shorter than the average", () => {
	const moments = toSchedule({ rate: 100, seconds: 20, seed: 7 });
	const gaps = moments.slice(1).map((moment, at) => moment - (moments[at] ?? 0));

	// Of an exponential distribution a tenth is below 0.105 of its mean.
	const short = gaps.filter((gap) => gap < 1.05).length / gaps.length;
	expect(short).toBeGreaterThan(0.07);
	expect(short).toBeLessThan(0.14);
});

test("one seed, one schedule", () => {
	const options = { rate: 100, seconds: 1 };

	expect(toSchedule({ ...options, seed: 1 })).toEqual(toSchedule({ ...options, seed: 1 }));
	expect(toSchedule({ ...options, seed: 1 })).not.toEqual(toSchedule({ ...options, seed: 2 }));
});
