import { expect, test } from "@jest/globals";
import { takeTurns } from "./take-turns.ts";

/** Answers the given loads in turn, and notes who was asked. */
function script(loads: readonly number[]) {
	const asked: string[] = [];
	const measure = (name: string) => async () => {
		asked.push(name);
		return { foreignCores: loads[Math.trunc((asked.length - 1) / 2)] ?? 0, nth: asked.length };
	};
	return { asked, small: measure("small"), large: measure("large") };
}

test("both are measured as pairs, and who is first changes", async () => {
	const { asked, small, large } = script([]);
	const { pairs, disturbed } = await takeTurns(small, large, 3);
	expect(pairs).toHaveLength(3);
	expect(disturbed).toBe(0);
	expect(new Set([asked.slice(0, 2).join(), asked.slice(2, 4).join()]).size).toBe(2);
	expect(asked.slice(0, 2)).toEqual(asked.slice(4, 6));
});

test("a disturbed pair is measured again", async () => {
	const { asked, small, large } = script([0.8, 0.02]);
	const { pairs, disturbed } = await takeTurns(small, large, 1);
	expect(asked).toHaveLength(4);
	expect(pairs[0]?.small.foreignCores).toBe(0.02);
	expect(disturbed).toBe(0);
});

test("where it is never quiet the quietest of three tries counts, and is marked", async () => {
	const { small, large } = script([0.8, 0.3, 0.5, 0, 0, 0]);
	const { pairs, disturbed } = await takeTurns(small, large, 3);
	expect(pairs.map((pair) => pair.large.foreignCores)).toEqual([0.3, 0, 0]);
	expect(disturbed).toBe(1);
});

test("there are no more repeats than rounds", async () => {
	const { asked, small, large } = script(Array.from({ length: 20 }, () => 1));
	const { pairs, disturbed } = await takeTurns(small, large, 3);
	expect(asked).toHaveLength(2 * (3 + 3));
	expect(pairs).toHaveLength(3);
	expect(disturbed).toBe(3);
});
