import { expect, test } from "@jest/globals";
import { prove } from "./secrets.ts";

test("secrets that go every way are found nowhere; a flipped bit opens nothing; keys change under load", async () => {
	const { passed, figures } = await prove({ seconds: undefined, seed: 12, mutant: undefined, isShort: true });
	expect({ passed, figures }).toMatchObject({ passed: true, figures: { hits: [], failures: [] } });
}, 90_000);
