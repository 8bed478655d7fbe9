import { setTimeout as sleep } from "node:timers/promises";
import { median, round } from "../bench/pipeline/figures.ts";
import { readBooks } from "./flow/books.ts";
import type { FlowWorld } from "./flow/flow-world.ts";
import { createFlowWorld } from "./flow/flow-world.ts";
import type { Person } from "./flow/people.ts";
import { gatherPeople, isFlawless, lookAt } from "./flow/people.ts";
import { toHeldAnswer } from "./flow/vendor.ts";
import type { Latencies, Phase } from "./lanes/measure-phase.ts";
import { startClock } from "./lanes/measure-phase.ts";
import { claimInWaves } from "./mutants/claim-in-waves.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { startAppNode } from "./testing/start-app-node.ts";

type LanesPlan = {
	readonly others: number;
	readonly phase: Phase;
	/** Of a calm and a hung phase each. */
	readonly pairs: number;
	/** Added to the 20 %: a test run shares its machine with others. */
	readonly slackMs: number;
};

type Pair = { readonly calm: Latencies; readonly hung: Latencies };

const LONG: LanesPlan = { others: 200, phase: { seconds: 6, perSecond: 40 }, pairs: 5, slackMs: 0 };
const SHORT: LanesPlan = { others: 30, phase: { seconds: 2, perSecond: 20 }, pairs: 1, slackMs: 1_000 };
const RISE_MAX = 1.2;
/** What an answer takes at the vendor, in two pieces. */
const GAP_MS = 150;
/** Of the chat that hangs, in each hung phase: one under way, the others behind it. */
const HUNG_QUESTIONS = 4;
/** Below the 20 s after which a call is given up. */
const TELEGRAM_HANG_MS = 15_000;
const SETTLE_MS = 60_000;

/** A node takes new lanes only once it is done with all it had. */
export const mutants: readonly string[] = ["waves"];

/** One chat hangs, by turns at the vendor and at Telegram, with more behind it; 200 others notice nothing. */
export async function prove({ seed, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const plan = isShort ? SHORT : LONG;
	const world = await createFlowWorld({
		seed,
		gapMs: () => GAP_MS,
		env: { LOG_LEVEL: "warn", PROVIDER_FIRST_BYTE_TIMEOUT_MS: "60000" },
	});
	const node = startAppNode({ env: world.env(1) });
	try {
		if (mutant === "waves") await claimInWaves(world.db);
		const { url } = await node.ready;
		world.balance(() => url);
		return await run(plan, world);
	} finally {
		await node.kill();
		await world.close();
	}
}

async function run(plan: LanesPlan, world: FlowWorld): Promise<ProveResult> {
	const people = gatherPeople({ bot: world.bot, count: plan.others + 1 });
	const [hanging, ...others] = people;
	if (hanging === undefined) throw new Error("nobody");
	for (const person of people) {
		person.ask();
		// Newcomers cost more than those who are known.
		await sleep(1_000 / plan.phase.perSecond);
	}
	let isSettled = await world.settle(SETTLE_MS);
	const clock = startClock(world.telegram, people);
	if (plan.pairs > 1) await clock.measure(others, plan.phase);
	const pairs: Pair[] = [];
	for (let number = 0; number < plan.pairs; number += 1) {
		const calm = await clock.measure(others, plan.phase);
		const hung = await hang(world, hanging, number, async () => await clock.measure(others, plan.phase));
		isSettled = (await world.settle(SETTLE_MS)) && isSettled;
		pairs.push({ calm, hung });
	}
	const seen = lookAt(people);
	const books = await readBooks(world.db);
	const rise = median(pairs.map(({ calm, hung }) => hung.p99Ms / calm.p99Ms));
	const isUnmoved =
		median(pairs.map(({ calm, hung }) => (hung.p99Ms - plan.slackMs) / calm.p99Ms)) < RISE_MAX;
	return {
		passed: isSettled && isFlawless(seen) && books.isRight && isUnmoved,
		figures: {
			others: plan.others,
			perSecond: plan.phase.perSecond,
			...seen,
			...books.figures,
			p99Rise: round(rise - 1, 3),
			calmP99Ms: pairs.map(({ calm }) => calm.p99Ms),
			hungP99Ms: pairs.map(({ hung }) => hung.p99Ms),
			calmP50Ms: pairs.map(({ calm }) => calm.p50Ms),
			hungP50Ms: pairs.map(({ hung }) => hung.p50Ms),
			late: pairs.reduce((total, { calm, hung }) => total + calm.late + hung.late, 0),
		},
	};
}

/** While `during` runs one chat hangs, by turns at the vendor and at Telegram; then it goes on. */
async function hang(
	{ vendor }: FlowWorld,
	hanging: Person,
	turn: number,
	during: () => Promise<Latencies>,
): Promise<Latencies> {
	const gate = Promise.withResolvers<void>();
	const { faults } = hanging.chat;
	if (turn % 2 === 0) {
		vendor.direct((number) =>
			number.startsWith(`${hanging.number}.`) ? toHeldAnswer(number, gate.promise) : undefined,
		);
	} else faults.latencyMs = TELEGRAM_HANG_MS;
	for (let question = 0; question < HUNG_QUESTIONS; question += 1) hanging.ask();
	try {
		return await during();
	} finally {
		gate.resolve();
		vendor.direct(() => undefined);
		faults.latencyMs = 0;
	}
}
