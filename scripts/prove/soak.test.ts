import { expect, test } from "@jest/globals";
import { createRandom } from "./prove-options.ts";
import { LONG_HABITS, planFaults } from "./soak/fault-plan.ts";
import { prove } from "./soak.ts";

const SHORT = { seconds: undefined, mutant: undefined, isShort: true } as const;
const TIME_MS = 120_000;

test(
	"nothing is lost, doubled or out of order when everything fails in turn",
	async () => {
		const { passed, figures } = await prove({ ...SHORT, seed: 1 });
		// The figures say what is wrong.
		expect(passed ? "passed" : JSON.stringify(figures)).toBe("passed");
	},
	TIME_MS,
);

test("a seed is a schedule: every kind of fault, nearly at every step one, none over itself", () => {
	const plan = { seconds: 600, everyMs: 5_000, habits: LONG_HABITS, leftOut: [] };
	const faults = planFaults({ ...plan, random: createRandom(7) });
	expect(planFaults({ ...plan, random: createRandom(7) })).toEqual(faults);
	expect(planFaults({ ...plan, random: createRandom(8) })).not.toEqual(faults);
	expect(faults.length).toBeGreaterThan(110);
	expect(new Set(faults.slice(0, 7).map(({ kind }) => kind)).size).toBe(6);
	for (const [place, { kind, atMs, lastsMs }] of faults.entries()) {
		const next = faults.slice(place + 1).find((other) => other.kind === kind);
		expect(next?.atMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(atMs + lastsMs);
	}
});

test("what a machine cannot do is left out of the schedule", () => {
	const plan = { seconds: 600, everyMs: 5_000, habits: LONG_HABITS, random: createRandom(7) };
	const faults = planFaults({ ...plan, leftOut: ["redis-down"] });
	expect(faults.length).toBeGreaterThan(110);
	expect(faults.some(({ kind }) => kind === "redis-down")).toBe(false);
});
