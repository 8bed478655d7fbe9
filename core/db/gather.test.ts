import { describe, expect, test } from "@jest/globals";
import { CROWD_MIN, createGather } from "./gather.ts";

describe("createGather", () => {
	test("lets the first batch and those after a lonely one begin at once", () => {
		const gather = createGather(10, () => 0);
		expect(gather.restMs(1)).toBe(0);
		gather.began(false);
		expect(gather.restMs(1)).toBe(0);
	});

	test("after company the next one waits until the time since the last beginning is over", () => {
		let now = 100;
		const gather = createGather(10, () => now);
		gather.began(true);
		now = 104;
		expect(gather.restMs(1)).toBe(6);
		now = 110;
		expect(gather.restMs(1)).toBe(0);
	});

	test("a crowd waits for nobody, and company of long ago keeps nobody waiting", () => {
		let now = 0;
		const gather = createGather(10, () => now);
		gather.began(true);
		expect(gather.restMs(CROWD_MIN)).toBe(0);
		now = 5;
		gather.began(false);
		expect(gather.restMs(1)).toBe(0);
	});
});
