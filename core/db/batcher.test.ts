import { describe, expect, test } from "@jest/globals";
import { createBatcher } from "./batcher.ts";

describe("createBatcher", () => {
	test("gathers the calls of one tick, then those that came while a batch was under way", async () => {
		const batches: number[][] = [];
		const call = createBatcher<number, number>({
			itemsMax: 3,
			run: async (items) => {
				batches.push([...items]);
				return items.map((item) => item * 2);
			},
		});
		expect(await Promise.all([1, 2, 3, 4].map(call))).toEqual([2, 4, 6, 8]);
		expect(batches).toEqual([[1, 2, 3], [4]]);
	});

	test("one bad item fails alone", async () => {
		const call = createBatcher<number, number>({
			itemsMax: 10,
			run: async (items) => {
				if (items.includes(2)) throw new Error("bad");
				return items;
			},
		});
		expect((await Promise.allSettled([1, 2, 3].map(call))).map((one) => one.status)).toEqual([
			"fulfilled",
			"rejected",
			"fulfilled",
		]);
	});

	test("an error no item can cause fails all without trying them one by one", async () => {
		let runs = 0;
		const call = createBatcher<number, number>({
			itemsMax: 10,
			isItemFault: () => false,
			run: async () => {
				runs += 1;
				throw new Error("dead");
			},
		});
		expect((await Promise.allSettled([1, 2, 3].map(call))).every((one) => one.status === "rejected")).toBe(
			true,
		);
		expect(runs).toBe(1);
	});

	test("more calls than may wait are refused at once", async () => {
		const call = createBatcher<number, number>({ itemsMax: 1, waitingMax: 2, run: async (items) => items });
		const outcomes = await Promise.allSettled([1, 2, 3].map(call));
		expect(outcomes.map((one) => one.status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
	});

	test("calls that come in company wait for more of it, a lone call and a crowd for nothing", async () => {
		const batches: number[] = [];
		const call = createBatcher<number, number>({
			itemsMax: 100,
			gatherMs: 2_000,
			run: async (items) => {
				batches.push(items.length);
				return items;
			},
		});
		const startedAt = performance.now();
		await call(1);
		await call(2);
		await Promise.all([3, 4, 5].map(call));
		expect(performance.now() - startedAt).toBeLessThan(1_900);
		const late = call(6).then(() => performance.now() - startedAt);
		await new Promise(setImmediate);
		await Promise.all([late, call(7)]);
		expect(await late).toBeGreaterThan(1_900);
		await Promise.all([8, 9, 10].map(call));
		const crowdAt = performance.now();
		await Promise.all(Array.from({ length: 32 }, (_, at) => call(at)));
		expect(performance.now() - crowdAt).toBeLessThan(1_900);
		expect(batches).toEqual([1, 1, 3, 2, 3, 32]);
	});
});
