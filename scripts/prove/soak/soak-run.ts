import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { median } from "../../bench/pipeline/figures.ts";
import { findStrange, readBooks } from "../flow/books.ts";
import type { Person } from "../flow/people.ts";
import { findExamples, gatherPeople, isClean, isFlawless, lookAt, resendGivenUp } from "../flow/people.ts";
import { countLogLines } from "../flow/read-logs.ts";
import type { ProveResult } from "../prove-options.ts";
import { createRandom } from "../prove-options.ts";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import type { FaultHabits, FaultKind } from "./fault-plan.ts";
import { countFaults, planFaults, toSchedule } from "./fault-plan.ts";
import { countPosts } from "./posts.ts";
import type { SoakWorld } from "./soak-world.ts";
import { createSoakWorld } from "./soak-world.ts";
import { beginTrouble } from "./strike.ts";
import { talk } from "./talk.ts";

export type SoakPlan = {
	readonly seed: number;
	readonly seconds: number;
	readonly perSecond: number;
	readonly chats: number;
	/** Beside the one node that is never killed. */
	readonly mortals: number;
	readonly spares: number;
	readonly faultEveryMs: number;
	readonly habits: FaultHabits;
	readonly leftOut?: readonly FaultKind[];
	/** A chat of a node that was killed rests until the lease ends. */
	readonly leaseTtlMs: number;
	readonly drainMs: number;
	/** Undefined: too short a run to say anything about memory. */
	readonly memoryGrowthMax: number | undefined;
	readonly edits?: readonly ModuleEdit[];
	readonly breakDatabase?: (db: Knex) => Promise<void>;
};

/** What one stretch of talk and faults came to. */
type Stretch = {
	readonly isClean: boolean;
	readonly isDrained: boolean;
	/** From the last word on. */
	readonly drainedMs: number;
	readonly faults: Readonly<Record<string, number>>;
	readonly idle: readonly FaultKind[];
	/** Seconds and kind of each fault. */
	readonly schedule: string;
};

/** One answer in ten is slow enough to be previewed. */
const SLOW_SHARE = 0.1;
const SLOW_MS = 700;
const QUICK_MS = 10;
const GROUP_EVERY = 5;
/** Posts that come once more, and calls that are done and not answered, at any time. */
const DUPLICATES = 0.02;
const DROP_AFTER = 0.01;
/** Part of the run after which a node has all it keeps for good. */
const WARM_UP_SHARE = 0.2;
const GIVEN_UP_SHARE_MAX = 0.005;
const LOOK_MS = 5_000;
const MEMORY_READS = 3;
const MEMORY_PAUSE_MS = 1_000;

/** People talk at a steady rate while everything dies in turn; what they can see in the end decides. */
export async function runSoak(plan: SoakPlan): Promise<ProveResult> {
	const world = await createSoakWorld({
		...plan,
		gapMs: (random) => (random() < SLOW_SHARE ? SLOW_MS : QUICK_MS),
	});
	try {
		return await run(plan, world);
	} finally {
		await world.close();
	}
}

async function run(plan: SoakPlan, world: SoakWorld): Promise<ProveResult> {
	const { flow, fleet, keeper } = world;
	const { bot, telegram } = flow;
	const random = createRandom(plan.seed);
	const people = gatherPeople({ bot, count: plan.chats, groupEvery: GROUP_EVERY });
	const posts = countPosts(bot);
	telegram.faults.rates = { dropAfter: DROP_AFTER };
	bot.webhook.duplicateRate = DUPLICATES;

	const warmUpSeconds = plan.seconds * WARM_UP_SHARE;
	const warmUp = await soak(plan, world, people, warmUpSeconds, random);
	const before = await readQuietMemory(plan, world);
	const isGoing = warmUp.isClean && warmUp.isDrained;
	const main = isGoing
		? await soak(plan, world, people, plan.seconds - warmUpSeconds, random)
		: { ...warmUp, drainedMs: 0, faults: {}, idle: [], schedule: "" };
	const after = await readQuietMemory(plan, world);
	const isResent = !resendGivenUp(people) || (await flow.settle(plan.drainMs));

	const seen = lookAt(people);
	const books = await readBooks(flow.db);
	const memoryGrowth = after / before - 1;
	const crashes = [...fleet.crashes, ...(keeper.isAlive() ? [] : [`the keeper: ${keeper.errors()}`])];
	const { timedOut, ...posted } = posts();
	const passed =
		isGoing &&
		main.isClean &&
		main.isDrained &&
		isResent &&
		isFlawless(seen) &&
		seen.givenUp <= seen.asked * GIVEN_UP_SHARE_MAX &&
		books.isRight &&
		crashes.length === 0 &&
		timedOut === 0 &&
		memoryGrowth < (plan.memoryGrowthMax ?? Number.POSITIVE_INFINITY);
	const isMutant = plan.edits !== undefined || plan.breakDatabase !== undefined;
	if (!passed && !isMutant) await explain(people, world);
	return {
		passed,
		figures: {
			...seen,
			...books.figures,
			refused: await countRefused(flow.db),
			updates: seen.asked,
			perSecond: plan.perSecond,
			seconds: plan.seconds,
			drainedMs: main.drainedMs,
			warmUpDrainedMs: warmUp.drainedMs,
			isDrained: warmUp.isDrained && main.isDrained,
			memoryGrowth: Math.round(memoryGrowth * 1_000) / 1_000,
			heapMb: [before, after].map((bytes) => Math.round(bytes / 10_000) / 100),
			isMemoryJudged: plan.memoryGrowthMax !== undefined,
			faults: addCounts(warmUp.faults, main.faults),
			idle: countKinds([...warmUp.idle, ...main.idle]),
			schedule: [warmUp.schedule, main.schedule],
			hasRedis: world.redis !== undefined,
			posts: posted,
			postsTimedOut: timedOut,
			nodeFailures: fleet.failures.length,
			crashes,
		},
	};
}

/** Talk and faults for so long; then everything is there again, and what is left is worked off. */
async function soak(
	plan: SoakPlan,
	world: SoakWorld,
	people: readonly Person[],
	seconds: number,
	random: () => number,
): Promise<Stretch> {
	const faults = planFaults({
		seconds,
		everyMs: plan.faultEveryMs,
		habits: plan.habits,
		leftOut: [...(plan.leftOut ?? []), ...(world.redis === undefined ? (["redis-down"] as const) : [])],
		random,
	});
	const trouble = beginTrouble(world, faults);
	const watch = watchPeople(people);
	await talk({ people, seconds, perSecond: plan.perSecond, random, goesOn: watch.isClean });
	const endedAt = performance.now();
	await trouble.end();
	// A broken variant needs no patience.
	const isDrained = watch.isClean() && (await world.flow.settle(plan.drainMs));
	const drainedMs = Math.round(performance.now() - endedAt);
	await watch.end();
	return {
		isClean: watch.isClean(),
		isDrained: isDrained && drainedMs < plan.drainMs,
		drainedMs,
		faults: countFaults(faults),
		idle: trouble.idle,
		schedule: toSchedule(faults),
	};
}

/** Looks now and then whether something is seen that can never be right again. */
function watchPeople(people: readonly Person[]): { isClean(): boolean; end(): Promise<void> } {
	let isStillClean = true;
	const stopping = new AbortController();
	const watch = async (): Promise<void> => {
		while (isStillClean && !stopping.signal.aborted) {
			await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
			isStillClean = isClean(lookAt(people));
		}
	};
	const done = watch();
	return {
		isClean: () => isStillClean,
		async end() {
			stopping.abort();
			await done;
		},
	};
}

/** Bytes the keeper holds while nobody speaks. */
async function readQuietMemory({ memoryGrowthMax }: SoakPlan, world: SoakWorld): Promise<number> {
	if (!world.keeper.isAlive()) return Number.NaN;
	const isJudged = memoryGrowthMax !== undefined;
	const reads: number[] = [];
	for (let read = 0; read < (isJudged ? MEMORY_READS : 1); read += 1) {
		if (isJudged) await sleep(MEMORY_PAUSE_MS);
		reads.push((await world.readMemory()).heapUsed);
	}
	return median(reads);
}

/** Messages a full chat did not take, which its person was told: they count as lost here, where nobody writes that much. */
async function countRefused(db: Knex): Promise<number> {
	const row = await db("inbox").where({ status: "refused" }).count({ count: "*" }).first();
	return Number(row?.["count"]);
}

function countKinds(kinds: readonly FaultKind[]): Readonly<Record<string, number>> {
	return countFaults(kinds.map((kind) => ({ kind, atMs: 0, lastsMs: 0, draw: 0 })));
}

function addCounts(
	one: Readonly<Record<string, number>>,
	other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
	const sum: Record<string, number> = { ...one };
	for (const [kind, count] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + count;
	return sum;
}

async function explain(people: readonly Person[], { flow: { db, directory } }: SoakWorld): Promise<void> {
	console.error(await countLogLines(directory));
	for (const example of findExamples(people)) {
		const stored = await findStrange(db, example.chat).catch(String);
		console.error(JSON.stringify({ ...example, stored }, undefined, 1));
	}
}
