import { expect, test } from "@jest/globals";
import { prove } from "./backup.ts";

// The broken variants are run by `npm run prove -- mutants`.
test("what was backed up while people talked comes back as it was at one moment; changed files do not come back", async () => {
	const { passed, figures } = await prove({ seconds: undefined, seed: 5, isShort: true, mutant: undefined });
	expect({ passed, figures }).toMatchObject({
		passed: true,
		figures: { failures: [], differing: [], taken: [], tampered: 200 },
	});
}, 90_000);
