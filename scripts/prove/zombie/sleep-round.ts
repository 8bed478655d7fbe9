import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { readBooks } from "../flow/books.ts";
import type { FlowWorld } from "../flow/flow-world.ts";
import { createFlowWorld } from "../flow/flow-world.ts";
import type { Person, Seen } from "../flow/people.ts";
import { gatherPeople, isFlawless, lookAt } from "../flow/people.ts";
import { toHeldAnswer } from "../flow/vendor.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";
import type { AppNode } from "../testing/start-app-node.ts";
import { startAppNode } from "../testing/start-app-node.ts";
import type { TelegramRelay } from "../testing/telegram-relay.ts";
import { startTelegramRelay } from "../testing/telegram-relay.ts";
import { UNAWARE } from "./unaware-node.ts";
import { readWritten, toNamedUrl, watchWrites } from "./watch-writes.ts";

export type SleepPlan = {
	readonly seed: number;
	/** The sleeper's own clocks tell it nothing. */
	readonly isUnaware: boolean;
	/** A third of them waits for the vendor when the node falls asleep, a third sends, a third edits. */
	readonly chats: number;
	readonly others: number;
	readonly breakDatabase?: (db: Knex) => Promise<void>;
};

export type SleepResult = {
	readonly isRight: boolean;
	readonly seen: Seen;
	/** After it woke up, while others had its lanes. */
	readonly rowsWritten: number;
	readonly writesTried: number;
	readonly writesRefused: number;
	readonly sent: readonly string[];
	/** Drafts, which vanish by themselves; only who does not know that it slept may still show one. */
	readonly previews: number;
	readonly sleptMs: number;
	/** Later on it works like any other. */
	readonly rowsWrittenLater: number;
	readonly violations: number;
	readonly chargedTwice: number;
};

type Gates = { readonly woken: Gate; readonly watched: Gate };
type Gate = { open(): void; readonly opened: Promise<void> };
type Sleeper = { readonly node: AppNode; readonly relay: TelegramRelay };

const SLEEPER = "sleeper";
/** What the sleeper asked of Telegram before it fell asleep happens, and is answered, after it was given up. */
const HANG_MS = 7_500;
const TTL_MS = 5_000;
const WATCH_MS = 2_500;
const STEP_MS = 30_000;
const ROUNDS_MAX = 5;
const SPEAKING = ["sendMessage", "editMessageText", "sendDocument"];
const PREVIEW = "sendMessageDraft";

/** A node falls asleep in the midst of its turns; others take its lanes, and are at their next turns when it wakes up. */
export async function sleepOnce(plan: SleepPlan): Promise<SleepResult> {
	const woken = createGate();
	const watched = createGate();
	const world = await createFlowWorld({
		seed: plan.seed,
		env: { LOG_LEVEL: "warn", LEASE_TTL_MS: String(TTL_MS) },
	});
	const nodes: AppNode[] = [];
	let relay: TelegramRelay | undefined;
	try {
		await plan.breakDatabase?.(world.db);
		await watchWrites(world.db);
		relay = await startTelegramRelay(world.telegram.url);
		const node = startSleeper(world, plan, relay);
		nodes.push(node);
		const others = Array.from({ length: plan.others }, (_, number) =>
			startAppNode({ env: world.env(number), isSpare: true }),
		);
		nodes.push(...others);
		return await play(world, plan, { woken, watched }, { node, relay }, others);
	} finally {
		woken.open();
		watched.open();
		await Promise.all(nodes.map(async (node) => await node.kill()));
		await relay?.close();
		await world.close();
	}
}

async function play(
	world: FlowWorld,
	plan: SleepPlan,
	gates: Gates,
	{ node, relay }: Sleeper,
	others: readonly AppNode[],
): Promise<SleepResult> {
	const { bot, vendor, db, random } = world;
	const { url } = await node.ready;
	world.balance(() => url);
	const people = gatherPeople({ bot, count: plan.chats });
	await ask(world, people);

	vendor.direct((number, tries) => direct(gates, number, tries));
	await beginTurns(world, people);
	await sleep(random() * 50);
	node.freeze();
	const sleptAt = performance.now();

	for (const other of others) other.begin();
	const urls = await Promise.all(others.map(async ({ ready }) => (await ready).url));
	world.balance(() => urls[Math.trunc(random() * urls.length)]);
	await settle(world);
	// The calls it left behind reach Telegram by now, and their answers wait for it.
	await sleep(Math.max(0, HANG_MS + 500 - (performance.now() - sleptAt)));
	for (const person of people) person.ask();
	await pollUntil(() => people.every(({ number }) => (vendor.asked.get(`${number}.2`) ?? 0) > 0), STEP_MS);

	const before = await readWritten(db, SLEEPER);
	const callsBefore = relay.methods.length;
	gates.woken.open();
	node.thaw();
	const sleptMs = Math.round(performance.now() - sleptAt);
	await sleep(WATCH_MS);
	const after = await readWritten(db, SLEEPER);
	const calls = relay.methods.slice(callsBefore);
	const sent = calls.filter((method) => SPEAKING.includes(method));
	const previews = calls.filter((method) => method === PREVIEW).length;
	gates.watched.open();
	await settle(world);

	const later = await workOn(world, people, [...urls, url], after.rows);
	const seen = lookAt(people);
	const { figures, isRight } = await readBooks(db);
	const rowsWritten = after.rows - before.rows;
	return {
		isRight:
			isRight &&
			isFlawless(seen) &&
			rowsWritten === 0 &&
			sent.length === 0 &&
			(previews === 0 || plan.isUnaware) &&
			later > after.rows,
		seen,
		rowsWritten,
		writesTried: after.tried - before.tried,
		writesRefused: after.refused - before.refused,
		sent,
		previews,
		sleptMs,
		rowsWrittenLater: later - after.rows,
		violations: figures["violations"] ?? 0,
		chargedTwice: figures["chargedTwice"] ?? 0,
	};
}

function startSleeper(world: FlowWorld, { isUnaware }: SleepPlan, relay: TelegramRelay): AppNode {
	const own = world.env(SLEEPER);
	const { flags, env } = toModuleMutant(isUnaware ? UNAWARE : []);
	return startAppNode({
		flags,
		env: {
			...own,
			...env,
			DATABASE_URL: toNamedUrl(own["DATABASE_URL"] ?? "", SLEEPER),
			TELEGRAM_API_ROOT: relay.url,
		},
	});
}

/** Each person's next question, until all are in the midst of what they are to be in the midst of. */
async function beginTurns({ bot, db, vendor }: FlowWorld, people: readonly Person[]): Promise<void> {
	for (const person of people) {
		const { faults } = person.chat;
		if (person.number % 3 === 1) faults.failNext("sendMessage", { kind: "hang", ms: HANG_MS });
		if (person.number % 3 === 2) faults.failNext("editMessageText", { kind: "hang", ms: HANG_MS });
		person.ask();
	}
	const count = (kind: number): number => people.filter(({ number }) => number % 3 === kind).length;
	await pollUntil(async () => {
		const { rows } = await db.raw<{ rows: { sending: number; sent: number }[] }>(
			`select count(*) filter (where o.state = 'ph_sending')::integer as sending,
				count(*) filter (where o.state = 'ph_sent')::integer as sent
			from outbox o join inbox i on i.id = o.inbox_id where i.bot_id = ? and i.status = 'ready'`,
			[String(bot.id)],
		);
		const waiting = people.filter(({ number }) => number % 3 === 0 && vendor.asked.has(`${number}.1`)).length;
		return rows[0]?.sending === count(1) && rows[0].sent === count(2) && waiting === count(0);
	}, STEP_MS);
}

/** Everybody asks until the one that slept has done its share again; how much it has written by then. */
async function workOn(
	world: FlowWorld,
	people: readonly Person[],
	urls: readonly string[],
	before: number,
): Promise<number> {
	world.balance(() => urls[Math.trunc(world.random() * urls.length)]);
	let written = before;
	for (let round = 0; round < ROUNDS_MAX && written <= before; round += 1) {
		await ask(world, people);
		written = (await readWritten(world.db, SLEEPER)).rows;
	}
	return written;
}

async function ask(world: FlowWorld, people: readonly Person[]): Promise<void> {
	for (const person of people) person.ask();
	await settle(world);
}

async function settle(world: FlowWorld): Promise<void> {
	if (!(await world.settle(STEP_MS))) throw new Error("the nodes do not come to an end");
}

/** The sleeper's call of question 1 waits until it wakes up, where nothing else holds its turn; question 2 until it was watched. */
function direct({ woken, watched }: Gates, number: string, tries: number): FakeAnswer | undefined {
	const [person = 0, question = 0] = number.split(".").map(Number);
	if (question === 2) return toHeldAnswer(number, watched.opened);
	const isHeld = question === 1 && tries === 1 && person % 3 === 0;
	return isHeld ? toHeldAnswer(number, woken.opened) : undefined;
}

function createGate(): Gate {
	const { promise, resolve } = Promise.withResolvers<void>();
	return { opened: promise, open: resolve };
}
