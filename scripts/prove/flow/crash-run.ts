import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import type { ProveResult } from "../prove-options.ts";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";
import { findStrange, readBooks } from "./books.ts";
import type { Fleet } from "./fleet.ts";
import { startFleet } from "./fleet.ts";
import type { FlowWorld } from "./flow-world.ts";
import { createFlowWorld } from "./flow-world.ts";
import type { Person } from "./people.ts";
import { findExamples, gatherPeople, isClean, isFlawless, lookAt, resendGivenUp } from "./people.ts";
import { countLogLines } from "./read-logs.ts";

export type CrashPlan = {
	readonly seed: number;
	/** People speak, and things die, for so long; then the rest is waited for. */
	readonly seconds: number;
	readonly nodes: number;
	/** Processes that have loaded, and wait to take the place of one that died. */
	readonly spares: number;
	readonly chats: number;
	readonly questionsEach: number;
	readonly killEveryMs: number;
	/** Undefined: PostgreSQL lives. */
	readonly killDatabaseEveryMs?: number;
	readonly drainMs: number;
	/** The mutant: edits of the program, and of the migrated database. */
	readonly edits?: readonly ModuleEdit[];
	readonly breakDatabase?: (db: Knex) => Promise<void>;
};

type Counts = { kills: number; idleTicks: number; databaseKills: number };

/** Of what Telegram is told: done and not answered, asked to wait, failed; and posts that come once more. */
const TROUBLE = { dropAfter: 0.05, rateLimit: 0.03, retryAfterSeconds: 1, serverError: 0.03 };
const DUPLICATES = 0.1;
/** One answer in ten is slow enough to be previewed. */
const SLOW_SHARE = 0.1;
const SLOW_MS = 700;
const QUICK_MS = 10;
const GROUP_EVERY = 5;
/** At a time and node. A death costs each of them one of its five attempts, which nobody here wants to run out of. */
const TURNS = 4;
/** On a machine so slow that nodes die in the midst of nearly everything. */
const GIVEN_UP_SHARE_MAX = 0.005;
const LOOK_MS = 500;

/** Everything at once: people talk, nodes die, PostgreSQL may die, Telegram fails; what people can see in the end decides. */
export async function runCrashes(plan: CrashPlan): Promise<ProveResult> {
	const { seed, killDatabaseEveryMs } = plan;
	const world = await createFlowWorld({
		seed,
		needsCluster: killDatabaseEveryMs !== undefined,
		gapMs: (random) => (random() < SLOW_SHARE ? SLOW_MS : QUICK_MS),
		env: { LOG_LEVEL: "warn", TURN_CONCURRENCY: String(TURNS) },
	});
	let fleet: Fleet | undefined;
	try {
		await plan.breakDatabase?.(world.db);
		const { flags, env } = toModuleMutant(plan.edits ?? []);
		const started = startFleet({
			size: plan.nodes,
			spares: plan.spares,
			env: (number) => ({ ...world.env(number), ...env }),
			flags,
		});
		fleet = started;
		world.balance(() => started.urls[Math.trunc(world.random() * started.urls.length)]);
		await started.untilUp(plan.nodes);
		await started.untilSpared();
		return await run(plan, world, started);
	} finally {
		await fleet?.stop("at once");
		await world.close();
	}
}

async function run(plan: CrashPlan, world: FlowWorld, fleet: Fleet): Promise<ProveResult> {
	const { telegram, bot, random } = world;
	telegram.faults.rates = TROUBLE;
	bot.webhook.duplicateRate = DUPLICATES;
	const posts = { all: 0, again: 0, failed: 0 };
	bot.webhook.onPost = ({ attempt, status }) => {
		posts.all += 1;
		if (attempt > 1) posts.again += 1;
		if (status !== 200) posts.failed += 1;
	};
	const people = gatherPeople({ bot, count: plan.chats, groupEvery: GROUP_EVERY });
	const startedAt = performance.now();
	const end = startedAt + plan.seconds * 1_000;
	const counts: Counts = { kills: 0, idleTicks: 0, databaseKills: 0 };
	const isOver = (): boolean => performance.now() >= end;
	const talking = talk(people, plan, random);
	const [, , , isStillClean] = await Promise.all([
		talking.done,
		killNodes(plan, fleet, counts, isOver),
		killDatabase(plan, world, counts, isOver),
		watch(people, isOver),
	]);
	// A broken variant needs no patience.
	const isSettled = isStillClean && (await drain(plan, world, people));
	const drainedMs = Math.round(performance.now() - end);
	telegram.faults.rates = {};
	const seen = lookAt(people);
	const books = await readBooks(world.db);
	const isPatient = seen.givenUp <= seen.asked * GIVEN_UP_SHARE_MAX;
	const passed = isSettled && isFlawless(seen) && isPatient && books.isRight && counts.kills > 0;
	if (!passed && plan.edits === undefined && plan.breakDatabase === undefined) await explain(people, world);
	return {
		passed,
		figures: {
			...seen,
			...counts,
			...books.figures,
			nodeFailures: fleet.failures.length,
			updates: seen.asked,
			posts: posts.all,
			postsAgain: posts.again,
			postsFailed: posts.failed,
			seconds: plan.seconds,
			drainedMs,
			isSettled,
		},
	};
}

/** Until everything is answered; what was given up is sent once more, as its sender would. */
async function drain({ drainMs }: CrashPlan, world: FlowWorld, people: readonly Person[]): Promise<boolean> {
	if (!(await world.settle(drainMs))) return false;
	return resendGivenUp(people) ? await world.settle(drainMs) : true;
}

/** Each question at a moment of its own, in the order of its chat. */
function talk(
	people: readonly Person[],
	{ seconds, questionsEach }: CrashPlan,
	random: () => number,
): { readonly done: Promise<void> } {
	const moments = people
		.flatMap((person) =>
			Array.from({ length: questionsEach }, () => ({ person, atMs: random() * seconds * 1_000 })),
		)
		.sort((one, other) => one.atMs - other.atMs);
	const speak = async (): Promise<void> => {
		const startedAt = performance.now();
		for (const { person, atMs } of moments) {
			const waitMs = startedAt + atMs - performance.now();
			if (waitMs > 0) await sleep(waitMs);
			person.ask();
		}
	};
	return { done: speak() };
}

async function killNodes(
	{ killEveryMs }: CrashPlan,
	fleet: Fleet,
	counts: Counts,
	isOver: () => boolean,
): Promise<void> {
	for (let next = performance.now() + killEveryMs; !isOver(); next += killEveryMs) {
		await sleep(Math.max(0, next - performance.now()));
		if (await fleet.killOne(2 * killEveryMs)) counts.kills += 1;
		else counts.idleTicks += 1;
	}
}

async function killDatabase(
	{ killDatabaseEveryMs }: CrashPlan,
	{ cluster }: FlowWorld,
	counts: Counts,
	isOver: () => boolean,
): Promise<void> {
	if (killDatabaseEveryMs === undefined || cluster === undefined) return;
	for (let next = performance.now() + killDatabaseEveryMs; !isOver(); next += killDatabaseEveryMs) {
		await sleep(Math.max(0, next - performance.now()));
		await cluster.kill();
		await cluster.restart();
		counts.databaseKills += 1;
	}
}

/** False as soon as something is seen that can never be right again. */
async function watch(people: readonly Person[], isOver: () => boolean): Promise<boolean> {
	while (!isOver()) {
		await sleep(LOOK_MS);
		if (!isClean(lookAt(people))) return false;
	}
	return true;
}

async function explain(people: readonly Person[], { db, directory }: FlowWorld): Promise<void> {
	console.error(await countLogLines(directory));
	for (const example of findExamples(people)) {
		const stored = await findStrange(db, example.chat).catch(String);
		console.error(JSON.stringify({ ...example, stored }, undefined, 1));
	}
}
