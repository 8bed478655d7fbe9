import { expect, test } from "@jest/globals";
import { prove } from "./reconciler.ts";

test("instances come to be what is wanted of them, and no two cells of one run beside each other", async () => {
	const { passed, figures } = await prove({ seed: 1, seconds: undefined, mutant: undefined, isShort: true });
	// The figures say what is wrong.
	expect(passed ? "passed" : JSON.stringify(figures)).toBe("passed");
}, 90_000);
