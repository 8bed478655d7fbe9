import { expect, test } from "@jest/globals";
import type { mutants } from "./leases.ts";
import { prove } from "./leases.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

// How much happens in seconds is the machine's: `passed` also asks for enough of it, which is for the long run.
test("what nodes hold for many calls is spent once, comes back when they die, and every call's row says the same", async () => {
	const { figures } = await prove({ ...short, mutant: undefined });
	const clean = { missing: 0, wrong: 0, overspent: 0, mismatched: 0, errors: 0, deadlocks: 0 };
	expect(figures).toMatchObject({ ...clean, violations: 0, pending: 0, unbalanced: 0, overruns: 0 });
	expect((figures["told"] as Record<string, number>)["leased"]).toBeGreaterThan(0);
}, 60_000);

test.each(["no-release", "dead-is-free"] satisfies (typeof mutants)[number][])(
	"mutant: %s",
	async (mutant) => {
		expect(await prove({ ...short, mutant })).toMatchObject({ passed: false, isPoor: false });
	},
	60_000,
);
