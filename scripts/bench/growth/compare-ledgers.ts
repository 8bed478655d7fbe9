import { createLedger } from "../../../core/ledger/create-ledger.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { countDeadlocks } from "../../prove/quota/ledger-totals.ts";
import { countPairs, PAIR_TOKENS } from "../ledger/count-pairs.ts";
import { findCpuMs } from "../pipeline/cores.ts";
import { median, round } from "../pipeline/figures.ts";
import type { Installation } from "./installation.ts";

export type LedgerRounds = { readonly rounds: number; readonly seconds: number; readonly clients: number };

type Sample = { readonly perSecond: number; readonly serverCpuMicros: number };

const WARM_UP_MS = 1_500;

/**
 * Pairs of reservation and settlement a second in both, in turns.
 *
 * @throws Error when one of them does not show all its pairs afterwards
 */
export async function compareLedgers(
	small: Installation,
	large: Installation,
	{ rounds, seconds, clients }: LedgerRounds,
): Promise<Record<string, unknown>> {
	const sides = [small, large].map((side) => openSide(side, clients));
	const [one, other] = sides;
	if (one === undefined || other === undefined) throw new Error("two sides");
	for (const side of sides) {
		await side.run(WARM_UP_MS);
		await side.settled();
	}
	const samples: { readonly small: Sample; readonly large: Sample }[] = [];
	for (let turn = 0; turn < rounds; turn += 1) {
		// Who is first changes, so that a machine that gets slower or faster favours nobody.
		const first = turn % 2 === 0 ? one : other;
		const a = await first.run(seconds * 1_000);
		const b = await (first === one ? other : one).run(seconds * 1_000);
		samples.push(first === one ? { small: a, large: b } : { small: b, large: a });
	}
	for (const side of sides) await side.audit();
	const deadlocks = [await countDeadlocks(small.db), await countDeadlocks(large.db)];
	const middle = (pick: (sample: (typeof samples)[number]) => number): number => median(samples.map(pick));
	return {
		ledgerSmallPerSecond: round(middle(({ small: s }) => s.perSecond)),
		ledgerLargePerSecond: round(middle(({ large: l }) => l.perSecond)),
		ledgerSpeedRatio: round(
			middle(({ small: s, large: l }) => l.perSecond / s.perSecond),
			3,
		),
		ledgerSpeedRatios: samples.map(({ small: s, large: l }) => round(l.perSecond / s.perSecond, 2)),
		ledgerServerCpuMicros: [
			round(
				middle(({ small: s }) => s.serverCpuMicros),
				1,
			),
			round(
				middle(({ large: l }) => l.serverCpuMicros),
				1,
			),
		],
		ledgerDeadlocks: deadlocks,
	};
}

function openSide({ db, active, serverPid, checkpoint }: Installation, clients: number) {
	const ledger = createLedger({ db });
	let pairs = 0;
	const cpuMs = async (): Promise<number> =>
		serverPid === undefined ? Number.NaN : await findCpuMs(serverPid);
	return {
		async run(ms: number): Promise<Sample> {
			const before = await cpuMs();
			const counted = await countPairs(ledger, active, clients, ms);
			pairs += counted.pairs;
			return {
				perSecond: counted.pairs / counted.seconds,
				serverCpuMicros: (((await cpuMs()) - before) * 1_000) / counted.pairs,
			};
		},
		settled: checkpoint,
		async audit(): Promise<void> {
			const { rows } = await db.raw<{ rows: { tokens: number; pending: string }[] }>(
				`select sum(posted_micro)::float8 / ${MICRO} as tokens, sum(pending_micro) as pending
				from ledger_buckets where account_id = any (?::bigint[])`,
				[`{${active.join(",")}}`],
			);
			if (rows[0]?.tokens !== pairs * PAIR_TOKENS || Number(rows[0].pending) !== 0) {
				throw new Error(`${pairs} pairs came to ${JSON.stringify(rows[0])}`);
			}
		},
	};
}
