import { expect, test } from "@jest/globals";
import { mutants, prove } from "./model.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

// The ledger as it is has its short version beside it: core/ledger/model.test.ts.
test.each(mutants)(
	"mutant: the model tells %s from the ledger",
	async (mutant) => {
		expect(await prove({ ...short, mutant })).toMatchObject({ passed: false });
	},
	60_000,
);
