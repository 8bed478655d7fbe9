import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { checkLedgerModel } from "../testing/ledger-model/check-ledger-model.ts";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";

/** `npm run prove -- model --seed S` replays a seed with more histories. */
const SEED = Math.trunc(Math.random() * 2 ** 31);
const RUNS = 40;

let world: LedgerWorld;
beforeAll(async () => {
	world = await createLedgerWorld();
});
afterAll(async () => await world.destroy());

test(`the ledger does what its model does (seed ${SEED}, ${RUNS} histories)`, async () => {
	const { counterExample, histories } = await checkLedgerModel(world, { seed: SEED, runs: RUNS });
	expect(counterExample).toBeUndefined();
	expect(histories).toBe(RUNS);
}, 120_000);
