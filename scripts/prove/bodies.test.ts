import { expect, test } from "@jest/globals";
import { prove } from "./bodies.ts";

test("a few hundred mutated bodies to the model gateway are nobody's failure but their own", async () => {
	const { passed, figures } = await prove({ seconds: undefined, seed: 7, mutant: undefined, isShort: true });
	expect({ passed, figures }).toMatchObject({ passed: true });
}, 60_000);
