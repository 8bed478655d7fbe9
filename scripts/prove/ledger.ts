import { setTimeout as sleep } from "node:timers/promises";
import type { LedgerWorld } from "../../core/testing/ledger-world.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { startCrew } from "./quota/client-crew.ts";
import type { LedgerBook } from "./quota/ledger-book.ts";
import { createBook } from "./quota/ledger-book.ts";
import { breakLedger } from "./quota/ledger-mutants.ts";
import type { LedgerPlace } from "./quota/ledger-place.ts";
import { openLedgerPlace } from "./quota/ledger-place.ts";
import { countDeadlocks, readTotals } from "./quota/ledger-totals.ts";

export const mutants = [
	"no-account-lock",
	"no-release",
	"double-settle",
	"overrun-forgotten",
	"async-commit",
] as const;

const LONG = { seconds: 25, processes: 4, clients: 8, killEveryMs: 250 };
const SHORT = { ...LONG, seconds: 4 };
const ACCOUNTS = 12;
const DAILY_TOKENS = 4_000;
const SWEEP_MS = 200;
/** Reservations live for a second here. */
const RELEASE_MS = 10_000;
/** Acknowledged and not on the disk for up to ten seconds. */
const ASYNC_COMMIT = { synchronous_commit: "off", wal_writer_delay: "10s" };
const SHOWN_MAX = 3;
const KILLS_MISSED_MAX = 4;
const MUST_HAPPEN = [
	"reserved",
	"duplicate",
	"insufficient",
	"settled",
	"already",
	"refund refunded",
] as const;
/** On a busy machine less happens in a second: the run goes on for so many times its length at most. */
const LONGER_MAX = 3;

/**
 * Processes with clients that use the ledger in every way at once, each killed after a second, and in the end the server with
 * them: what a client was told is so, nothing happened twice, no tokens are lost or spent twice, the house pays what is over.
 */
export async function prove({ seed, seconds, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const plan = isShort ? SHORT : LONG;
	const place = await openLedgerPlace(mutant === "async-commit" ? ASYNC_COMMIT : {});
	try {
		if (mutant !== "async-commit") await breakLedger(place.world, mutant);
		return await run(place, { ...plan, seconds: seconds ?? plan.seconds, seed, mutant });
	} finally {
		await place.world.destroy();
	}
}

async function run(
	{ world, killServer }: LedgerPlace,
	plan: typeof LONG & Pick<ProveOptions, "seed" | "mutant">,
): Promise<ProveResult> {
	const { seed, seconds, processes, clients, killEveryMs, mutant } = plan;
	const accounts: string[] = [];
	for (let at = 0; at < ACCOUNTS; at += 1) {
		accounts.push(await world.openAccount({ dailyTokens: DAILY_TOKENS }));
	}
	const book = createBook();
	const startedAtMs = Date.now();
	const crew = startCrew({
		program: "./ledger-client.ts",
		run: { url: world.url, seed, accounts, startedAtMs },
		processes,
		clients,
		onWord: book.note,
	});
	// A busy machine may need longer for the successors than they are given.
	const isEnough = (): boolean => crew.kills >= (seconds * 1_000) / killEveryMs / KILLS_MISSED_MAX;
	const killing = setInterval(() => crew.killOldest(), killEveryMs);
	const sweeping = setInterval(() => void world.ledger.expire(500).catch(() => undefined), SWEEP_MS);
	let deadlocks = 0;
	let endedAtMs = 0;
	try {
		await sleep(seconds * 1_000);
		for (let more = 0; more < seconds * LONGER_MAX && !(isMuchDone(book) && isEnough()); more += 1)
			await sleep(1_000);
		deadlocks = await countDeadlocks(world.db);
		endedAtMs = Date.now();
		// While the clients are at it.
		await killServer?.();
	} finally {
		clearInterval(killing);
		clearInterval(sweeping);
		await crew.stop();
	}
	const { releasedMs, failures } = await release(world);
	// A server that was killed has forgotten what it counted: both lives are added up.
	if (killServer !== undefined) deadlocks += await countDeadlocks(world.db);
	const errors = [...book.errorsUntil(endedAtMs), ...crew.failures, ...failures];
	const judged = await judge(world, book, { errors, deadlocks, isTold: mutant === undefined });
	const ranSeconds = Math.round((endedAtMs - startedAtMs) / 1_000);
	const size = { seconds: ranSeconds, processes, clients: processes * clients, kills: crew.kills };
	const isRich = judged.isRich && isEnough();
	return {
		passed: judged.isSound && isRich,
		isPoor: judged.isSound && !isRich,
		figures: { ...size, serverKills: killServer === undefined ? 0 : 1, releasedMs, ...judged.figures },
	};
}

function isMuchDone({ counts }: LedgerBook): boolean {
	return MUST_HAPPEN.every((kind) => (counts[kind] ?? 0) > 0);
}

/** Sweeps until nothing is pending, for a while; how long that took, and what went wrong with it. */
async function release({
	ledger,
	db,
}: LedgerWorld): Promise<{ readonly releasedMs: number; readonly failures: readonly string[] }> {
	const startedAt = performance.now();
	const failures: string[] = [];
	const isPending = async (): Promise<boolean> =>
		(await db("ledger_reservations").where({ state: "pending" }).first("id")) !== undefined;
	while ((await isPending()) && failures.length === 0 && performance.now() - startedAt < RELEASE_MS) {
		await ledger.expire(500).catch((error: unknown) => failures.push(String(error)));
		await sleep(50);
	}
	return { releasedMs: Math.round(performance.now() - startedAt), failures };
}

type Judgement = Pick<ProveResult, "figures"> & { readonly isSound: boolean; readonly isRich: boolean };

async function judge(
	{ db }: LedgerWorld,
	book: LedgerBook,
	{
		errors,
		deadlocks,
		isTold,
	}: { readonly errors: readonly string[]; readonly deadlocks: number; readonly isTold: boolean },
): Promise<Judgement> {
	const totals = await readTotals(db);
	const { lost, double } = await book.audit(db);
	for (const [what, found] of Object.entries({ lost, double, errors })) {
		for (const one of isTold ? found.slice(0, SHOWN_MAX) : []) console.error(`${what}: ${one}`);
	}
	const { counts } = book;
	const isSound =
		totals.violations === 0 &&
		totals.pending === 0 &&
		totals.unbalanced === 0 &&
		totals.overrunTokens === totals.houseTokens;
	// A run in which little happened shows little.
	const isRich = isMuchDone(book) && totals.late > 0 && totals.expired > 0 && totals.overruns > 0;
	const isClean = lost.length === 0 && double.length === 0 && errors.length === 0 && deadlocks === 0;
	return {
		isSound: isSound && isClean,
		isRich,
		figures: {
			...{ lost: lost.length, double: double.length, errors: errors.length, deadlocks },
			...totals,
			told: counts,
		},
	};
}
