import { expect, test } from "@jest/globals";
import { mutants, prove } from "./dialects.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

// The translators as they are have their short version beside them: core/dialects/chunkings.test.ts.
test.each(mutants)("mutant: %s", async (mutant) => {
	expect(await prove({ ...short, mutant })).toMatchObject({ passed: false });
});
