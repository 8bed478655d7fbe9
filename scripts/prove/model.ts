import { checkLedgerModel } from "../../core/testing/ledger-model/check-ledger-model.ts";
import { toLedgerWorld } from "../../core/testing/ledger-world.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { LedgerMutant } from "./quota/ledger-mutants.ts";
import { breakLedger } from "./quota/ledger-mutants.ts";
import { createProofDatabase } from "./quota/proof-database.ts";

const RUNS = 400;
const RUNS_SHORT = 25;

export const mutants = [
	"no-release",
	"double-settle",
	"late-is-free",
	"burn-order",
	"overrun-forgotten",
] as const satisfies readonly LedgerMutant[];

/**
 * Random histories of an account (reservations, settlements alone and together, time, expiry, grants, plans, zones, refunds)
 * end in the ledger as in a model of it that fits on two screens. The seed gives the same histories again.
 */
export async function prove({ seconds, seed, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const world = await toLedgerWorld(await createProofDatabase());
	try {
		await breakLedger(world, mutant);
		const runs = isShort ? RUNS_SHORT : RUNS;
		const { counterExample, ...figures } = await checkLedgerModel(world, {
			seed,
			// for so long, however many those are
			...(seconds === undefined ? { runs } : { runs: 1_000_000, timeMaxMs: seconds * 1_000 }),
			shrinks: mutant === undefined,
		});
		if (mutant === undefined && counterExample !== undefined) console.error(counterExample);
		const isEnough = seconds !== undefined || figures.histories >= runs;
		return { passed: counterExample === undefined && isEnough, figures };
	} finally {
		await world.destroy();
	}
}
