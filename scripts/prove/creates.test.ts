import { expect, test } from "@jest/globals";
import { prove } from "./creates.ts";

const TIME_MS = 180_000;

test(
	"a create whose program is killed in its midst comes true once",
	async () => {
		const { passed, figures } = await prove({
			seconds: undefined,
			seed: 1,
			mutant: undefined,
			isShort: true,
		});
		expect({ passed, ...figures }).toMatchObject({ passed: true, wrong: [] });
	},
	TIME_MS,
);
