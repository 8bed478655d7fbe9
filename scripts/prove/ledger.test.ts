import { expect, test } from "@jest/globals";
import { prove } from "./ledger.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

test("under kills, duplicates and late settlements every word of the ledger holds", async () => {
	expect(await prove({ ...short, mutant: undefined })).toMatchObject({
		passed: true,
		figures: { lost: 0, double: 0, errors: 0, violations: 0 },
	});
}, 60_000);

test("mutant: what a dead process held stays held", async () => {
	expect(await prove({ ...short, seconds: 2, mutant: "no-release" })).toMatchObject({ passed: false });
}, 60_000);
