import { expect, test } from "@jest/globals";
import { prove } from "./ledger.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

// How much happens in seconds is the machine's: `passed` also asks for enough of it, which is for the long run.
test("under kills, duplicates and late settlements every word of the ledger holds", async () => {
	const { figures } = await prove({ ...short, mutant: undefined });
	const clean = { lost: 0, double: 0, errors: 0, deadlocks: 0, violations: 0, pending: 0, unbalanced: 0 };
	expect(figures).toMatchObject(clean);
	expect((figures["told"] as Record<string, number>)["settled"]).toBeGreaterThan(0);
}, 60_000);

test("mutant: what a dead process held stays held", async () => {
	expect(await prove({ ...short, seconds: 2, mutant: "no-release" })).toMatchObject({
		passed: false,
		isPoor: false,
	});
}, 60_000);
