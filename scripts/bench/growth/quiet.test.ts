import { expect, test } from "@jest/globals";
import { createQuiet } from "./quiet.ts";

test("a machine that got slower is waited for", async () => {
	const took = [10, 30, 11, 99];
	let asked = 0;
	const awaitQuiet = createQuiet(() => took[asked++] ?? 0);
	await awaitQuiet();
	expect(asked).toBe(1);
	await awaitQuiet();
	expect(asked).toBe(3);
});
