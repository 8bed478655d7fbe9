import { createLedger } from "../../../core/ledger/create-ledger.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { countDeadlocks } from "../../prove/quota/ledger-totals.ts";
import { countPairs, PAIR_TOKENS } from "../ledger/count-pairs.ts";
import { findCpuMs, findMachineMs } from "../pipeline/cores.ts";
import { median, round } from "../pipeline/figures.ts";
import type { Installation } from "./installation.ts";
import { createQuiet } from "./quiet.ts";
import { takeTurns } from "./take-turns.ts";

export type LedgerRounds = { readonly rounds: number; readonly seconds: number; readonly clients: number };

type Sample = {
	readonly perSecond: number;
	readonly serverCpuMicros: number;
	/** Of the server and of this process, which is its client. */
	readonly cpuMicros: number;
	readonly foreignCores: number;
};

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
	const { pairs: samples, disturbed } = await takeTurns(
		async () => await one.run(seconds * 1_000),
		async () => await other.run(seconds * 1_000),
		rounds,
		createQuiet(),
	);
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
		ledgerCpuRatio: round(
			middle(({ small: s, large: l }) => s.cpuMicros / l.cpuMicros),
			3,
		),
		ledgerDisturbedRounds: disturbed,
		ledgerDeadlocks: deadlocks,
	};
}

function openSide({ db, active, serverPid, checkpoint }: Installation, clients: number) {
	const ledger = createLedger({ db });
	let pairs = 0;
	async function readUse() {
		const { user, system } = process.cpuUsage();
		const serverMs = serverPid === undefined ? Number.NaN : await findCpuMs(serverPid);
		const machineMs = await findMachineMs();
		return { atMs: performance.now(), ownMs: (user + system) / 1_000, serverMs, machineMs };
	}
	return {
		async run(ms: number): Promise<Sample> {
			const before = await readUse();
			const counted = await countPairs(ledger, active, clients, ms);
			const after = await readUse();
			pairs += counted.pairs;
			const serverMs = after.serverMs - before.serverMs;
			const usedMs = serverMs + after.ownMs - before.ownMs;
			return {
				perSecond: counted.pairs / counted.seconds,
				serverCpuMicros: (serverMs * 1_000) / counted.pairs,
				cpuMicros: (usedMs * 1_000) / counted.pairs,
				foreignCores: Math.max(0, (after.machineMs - before.machineMs - usedMs) / (after.atMs - before.atMs)),
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
