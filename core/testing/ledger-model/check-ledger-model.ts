import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { LedgerWorld } from "../ledger-world.ts";
import type { ModelZone } from "./ledger-model.ts";
import { available, createModel, MODEL_ZONES } from "./ledger-model.ts";
import type { Real, Step } from "./ledger-steps.ts";
import { steps } from "./ledger-steps.ts";

/** How an account begins, and what happens to it. */
type History = {
	readonly zone: ModelZone;
	readonly startsTomorrow: boolean;
	readonly history: readonly Step[];
};

export type LedgerModelOptions = {
	/** The same seed is the same histories. */
	readonly seed: number;
	readonly runs: number;
	/** No new history after so many milliseconds. */
	readonly timeMaxMs?: number | undefined;
	/** False: the first counter-example will do, without looking for a shorter one. */
	readonly shrinks?: boolean;
};

export type LedgerModelReport = {
	readonly histories: number;
	readonly steps: number;
	/** undefined: both ledgers agreed on every step of every history. */
	readonly counterExample: string | undefined;
};

const START = Date.parse("2026-11-20T12:00:00Z");
const DAILY = 1000;

/** Random histories, told to the ledger and to the one in memory step by step: both must answer and end alike. */
export async function checkLedgerModel(
	world: LedgerWorld,
	{ seed, runs, timeMaxMs, shrinks = true }: LedgerModelOptions,
): Promise<LedgerModelReport> {
	let taken = 0;
	const histories = fc.record<History>(
		{
			zone: fc.constantFrom(...MODEL_ZONES),
			startsTomorrow: fc.boolean(),
			history: fc.array(steps, { minLength: 5, maxLength: 40, size: "max" }),
		},
		{ noNullPrototype: true },
	);
	const property = fc.asyncProperty(histories, async ({ zone, startsTomorrow, history }) => {
		await world.setClock(new Date(START));
		const model = createModel({ now: START, daily: DAILY, zone, startsTomorrow });
		const account = await world.openAccount({ dailyTokens: DAILY, zone, startsTomorrow });
		const real: Real = { world, account, ids: [] };
		for (const step of history) {
			taken += 1;
			await step.run(model, real);
			deepStrictEqual(await world.availableTokens(account), available(model), "available tokens");
		}
		deepStrictEqual(await world.violations(), [], "violations");
	});
	const report = await fc.check(property, {
		seed,
		numRuns: runs,
		endOnFailure: !shrinks,
		...(timeMaxMs !== undefined && { interruptAfterTimeLimit: timeMaxMs }),
	});
	return {
		histories: report.numRuns,
		steps: taken,
		counterExample: report.failed
			? `${fc.defaultReportMessage(report)}\n${String(report.errorInstance)}`
			: undefined,
	};
}
