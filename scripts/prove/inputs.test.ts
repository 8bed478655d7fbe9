import { expect, test } from "@jest/globals";
import { prove } from "./inputs.ts";

test("bad inputs, a little of the grammar and rude sockets do the program no harm", async () => {
	const { passed, figures } = await prove({ seconds: undefined, seed: 11, mutant: undefined, isShort: true });
	expect({ passed, figures }).toMatchObject({ passed: true });
}, 90_000);
