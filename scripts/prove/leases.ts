import { setTimeout as sleep } from "node:timers/promises";
import { grant } from "../../core/ledger/grants.ts";
import type { LedgerWorld } from "../../core/testing/ledger-world.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ClientCrew } from "./quota/client-crew.ts";
import { startCrew } from "./quota/client-crew.ts";
import type { LeaseWord } from "./quota/lease-word.ts";
import { breakLedger } from "./quota/ledger-mutants.ts";
import type { LedgerPlace } from "./quota/ledger-place.ts";
import { openLedgerPlace } from "./quota/ledger-place.ts";
import { countDeadlocks, readTotals } from "./quota/ledger-totals.ts";
import type { ToldCalls } from "./quota/told-calls.ts";
import {
	countLeftBehind,
	countMismatched,
	countOverdrawn,
	countSweptLeases,
	createToldCalls,
} from "./quota/told-calls.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { requireFitting, toModuleMutant } from "./testing/module-mutant.ts";

/** Of the ledger's functions. */
const LEDGER_MUTANTS = ["no-release", "dead-is-free"] as const;
/** Of the node. */
const NODE_MUTANTS = {
	/** A lease gives out more than it has. */
	"given-twice": [
		{ file: "core/models/leases/lease.ts", from: " || micro > this.leftMicro", to: "" },
		{ file: "core/models/leases/lease.ts", from: "if (isSound) return;", to: "if (isSound || true) return;" },
	],
	/** What a call spent after its lease was exchanged is written down under the old one. */
	"old-lease": [
		{
			file: "core/models/leases/held-lease.ts",
			from: "usage !== undefined && this.#exchange !== undefined",
			to: "usage !== undefined && false",
		},
	],
	/** A node that stops leaves its rows behind. */
	"no-goodbye": [
		{ file: "core/models/leases/lease-book.ts", from: "await Promise.race([book.close(), late]);", to: "" },
	],
} as const satisfies Readonly<Record<string, readonly ModuleEdit[]>>;

export const mutants = [
	...LEDGER_MUTANTS,
	...(Object.keys(NODE_MUTANTS) as (keyof typeof NODE_MUTANTS)[]),
] as const;

const LONG = { seconds: 30, processes: 4, clients: 8, killEveryMs: 400 };
const SHORT = { ...LONG, seconds: 4, processes: 2 };
const ACCOUNTS = 4;
/** So little that all of it is spent, and an account gets more once it was refused. */
const DAILY_TOKENS = 2_000;
const PACK_TOKENS = 4_000;
const PACK_EVERY_MS = 500;
const SWEEP_MS = 100;
/** After the server was killed, a part of the nodes is let end by itself: one that ends with the server away leaves rows behind. */
const STOPPED_EVERY = 3;
const KILLS_MISSED_MAX = 4;
/** On a busy machine less happens in a second: the run goes on for so many times its length at most. */
const LONGER_MAX = 3;
/** How long before its node's death a call may have been told whose row is not there: 15 ms, and a statement on a busy machine. */
const LOST_MS_MAX = 1_000;
/** After the server is back rows that waited are written before the next node is killed. */
const CALM_MS = 1_500;
const SHOWN_MAX = 3;
const HOUR_MS = 3_600_000;

/**
 * Nodes that hold quota for many calls, killed and stopped while they spend it, and in the middle the server with its memory:
 * nobody spends more than was granted, every reservation is charged what its calls' rows say, what a dead node held comes
 * back, and no more than its last moment's rows die with it.
 */
export async function prove({ seed, seconds, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const plan = isShort ? SHORT : LONG;
	const place = await openLedgerPlace({});
	try {
		const edits =
			mutant === undefined ? [] : ((NODE_MUTANTS as Record<string, readonly ModuleEdit[]>)[mutant] ?? []);
		await requireFitting(edits);
		if (edits.length === 0) await breakLedger(place.world, mutant);
		return await run(place, { ...plan, seconds: seconds ?? plan.seconds, seed, mutant, edits });
	} finally {
		await place.world.destroy();
	}
}

type Plan = typeof LONG & Pick<ProveOptions, "seed" | "mutant"> & { readonly edits: readonly ModuleEdit[] };

async function run({ world, killServer }: LedgerPlace, plan: Plan): Promise<ProveResult> {
	const { seed, seconds, processes, clients, killEveryMs, edits } = plan;
	const accounts: string[] = [];
	for (let at = 0; at < ACCOUNTS; at += 1)
		accounts.push(await world.openAccount({ dailyTokens: DAILY_TOKENS }));
	const told = createToldCalls();
	const crew = startCrew<LeaseWord>({
		program: "./lease-client.ts",
		run: { url: world.url, seed, accounts },
		broken: toModuleMutant(edits),
		...{ processes, clients, onWord: told.note },
	});
	const half = {
		...{ seconds: seconds / 2, killEveryMs },
		killsMin: Math.floor((seconds * 1_000) / killEveryMs / KILLS_MISSED_MAX / 2),
	};
	const chores = startChores(world, told);
	let deadlocks = 0;
	try {
		await killNodes({ world, crew, told }, { ...half, stoppedEvery: Number.POSITIVE_INFINITY });
		deadlocks = await countDeadlocks(world.db);
		const fromMs = Date.now();
		await killServer?.();
		await sleep(CALM_MS);
		told.noteOutage(fromMs, Date.now());
		await killNodes({ world, crew, told }, { ...half, stoppedEvery: STOPPED_EVERY });
	} finally {
		await chores.stop();
		await crew.stop("SIGTERM");
	}
	if (killServer !== undefined) deadlocks += await countDeadlocks(world.db);
	const leftBehind = await countLeftBehind(world.db, told);
	await outliveLeases(world);
	const errors = [...told.errors, ...crew.failures];
	const isTold = plan.mutant === undefined;
	const judged = await judge(world, told, { errors, deadlocks, leftBehind, isTold });
	const size = { seconds, nodes: processes, callers: processes * clients, kills: crew.kills };
	const isRich = judged.isRich && crew.kills >= half.killsMin * 2;
	return {
		passed: judged.isSound && isRich,
		isPoor: judged.isSound && !isRich,
		figures: { ...size, ...judged.figures },
	};
}

/** What goes on beside the nodes: whoever was refused gets a pack, and the sweep gives back what is over. */
function startChores(world: LedgerWorld, told: ToldCalls): { stop(): Promise<void> } {
	let packs = 0;
	let running: Promise<unknown> = Promise.resolve();
	const endsAt = new Date(Date.now() + HOUR_MS);
	async function give(accountId: string): Promise<void> {
		packs += 1;
		const pack = {
			kind: "pack",
			tokens: PACK_TOKENS,
			source: "proof",
			externalId: String(packs),
			endsAt,
		} as const;
		await grant(world.db, { accountId, ...pack }).catch(() => undefined);
	}
	const giving = setInterval(() => {
		running = Promise.all([running, ...told.takeRefused().map(give)]);
	}, PACK_EVERY_MS);
	const sweeping = setInterval(() => {
		running = Promise.all([running, world.ledger.expire(500).catch(() => undefined)]);
	}, SWEEP_MS);
	return {
		async stop() {
			clearInterval(giving);
			clearInterval(sweeping);
			await running;
		},
	};
}

type Run = { readonly world: LedgerWorld; readonly crew: ClientCrew; readonly told: ToldCalls };

type KillPlan = {
	readonly seconds: number;
	readonly killEveryMs: number;
	readonly killsMin: number;
	readonly stoppedEvery: number;
};

async function killNodes(
	{ world, crew, told }: Run,
	{ seconds, killEveryMs, killsMin, stoppedEvery }: KillPlan,
): Promise<void> {
	const startedAt = performance.now();
	const killsBefore = crew.kills;
	const isOver = (): boolean => {
		const passed = (performance.now() - startedAt) / (seconds * 1_000);
		return passed >= LONGER_MAX || (passed >= 1 && crew.kills - killsBefore >= killsMin);
	};
	for (let turn = 1; !isOver(); turn += 1) {
		await sleep(killEveryMs);
		const signal = turn % stoppedEvery === 0 ? "SIGTERM" : "SIGKILL";
		const node = crew.killOldest(signal);
		if (node === undefined || signal === "SIGTERM") continue;
		told.noteKill(node, Date.now());
		await expireSoon(world, told.held(node));
	}
}

/** As if the time of what a dead node held were over: in earnest it takes two minutes. */
async function expireSoon({ db }: LedgerWorld, ids: readonly string[]): Promise<void> {
	await db.raw(
		"update ledger_reservations set expires_at = ledger_now() - interval '1 second' where id = any (?::uuid[]) and state = 'pending'",
		[`{${ids.join(",")}}`],
	);
}

/** A quarter of an hour on, until nothing is pending that can be given back. */
async function outliveLeases(world: LedgerWorld): Promise<void> {
	await world.setClock(new Date(Date.now() + HOUR_MS / 4));
	while ((await world.ledger.expire(500)) > 0);
}

async function judge(
	{ db }: LedgerWorld,
	told: ToldCalls,
	run: {
		readonly errors: readonly string[];
		readonly deadlocks: number;
		readonly leftBehind: number;
		readonly isTold: boolean;
	},
): Promise<Pick<ProveResult, "figures"> & { readonly isSound: boolean; readonly isRich: boolean }> {
	const totals = await readTotals(db);
	const { missing, wrong, overspent, lostRows, lostRowMsMax } = await told.audit(db);
	const { errors, deadlocks, leftBehind } = run;
	for (const [what, found] of Object.entries({ missing, wrong, overspent, errors })) {
		for (const one of run.isTold ? found.slice(0, SHOWN_MAX) : []) console.error(`${what}: ${one}`);
	}
	const mismatched = await countMismatched(db);
	const sweptLeases = await countSweptLeases(db);
	const givenTwice = await countOverdrawn(db);
	const bad = [missing.length, wrong.length, overspent.length, errors.length];
	bad.push(deadlocks, mismatched, leftBehind, givenTwice);
	const isSound = totals.violations + totals.pending + totals.unbalanced + totals.overruns === 0;
	// A run in which little happened shows little.
	const isRich = Math.min(told.counts.leased, told.counts.own, told.counts.refused, sweptLeases) > 0;
	return {
		isSound: isSound && bad.every((count) => count === 0) && lostRowMsMax <= LOST_MS_MAX,
		isRich,
		figures: {
			...{
				leftBehind,
				givenTwice,
				missing: missing.length,
				wrong: wrong.length,
				overspent: overspent.length,
				mismatched,
			},
			...{
				errors: errors.length,
				deadlocks,
				lostRows,
				lostRowMsMax,
				sweptLeases,
				...totals,
				told: told.counts,
			},
		},
	};
}
