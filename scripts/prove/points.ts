import { setTimeout as sleep } from "node:timers/promises";
import { derivePath } from "../../bots/telegram/ingress/webhook-secret.ts";
import type { FakeBot } from "../../bots/telegram/testing/fake-telegram.ts";
import type { CrashPoint } from "../../core/inbox/crash-point.ts";
import { sweepReservations } from "../../core/ledger/sweep.ts";
import type { FakeAnswer } from "../../core/testing/fake-provider-server.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import { readBooks } from "./flow/books.ts";
import type { FlowWorld } from "./flow/flow-world.ts";
import { createFlowWorld } from "./flow/flow-world.ts";
import type { Person } from "./flow/people.ts";
import { gatherPeople, isFlawless, lookAt } from "./flow/people.ts";
import { toSlowAnswer } from "./flow/vendor.ts";
import type { Facts, PointCase } from "./points/point-cases.ts";
import { POINT_CASES, SHORT_POINTS } from "./points/point-cases.ts";
import { readFacts } from "./points/read-facts.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { toModuleMutant } from "./testing/module-mutant.ts";
import type { AppNode } from "./testing/start-app-node.ts";
import { startAppNode } from "./testing/start-app-node.ts";

/** Telegram of one point: a bot of its own, so that only the node that is to die serves it, and one person. */
type Stage = {
	readonly case: PointCase;
	readonly bot: FakeBot;
	readonly person: Person;
	/** The question in whose midst the node dies; question 0 is the greeting. */
	readonly question: number;
	readonly acknowledged: Set<number>;
	url: string | undefined;
	atDeath?: Facts;
};

/** Same for every run: these worlds are on this machine alone. */
const SECRET = "points-of-the-message-flow-0123456789-ABCDEF";
const AT_A_TIME = 4;
const QUESTIONS_MAX = 3;
const SLOW_MS = 600;
const STEP_MS = 30_000;
const SETTLE_MS = 30_000;
/** A reservation is free again after 120 s. */
const LATER = "125 seconds";

type NodeOf = (env: Readonly<Record<string, string>>) => AppNode;

type Mutant = {
	/** The one point at which it is killed. */
	readonly point: CrashPoint;
	readonly edits: readonly ModuleEdit[];
};

/** Nodes that do two things in the wrong order, each killed between them. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
	"acknowledge-first": {
		point: "after-accept-commit",
		edits: [
			{
				file: "bots/telegram/ingress/webhook-handler.ts",
				from: "await within(settings.core.accept(event), settings.acceptTimeoutMs);",
				to: "setTimeout(() => void settings.core.accept(event), 50);",
			},
		],
	},
	"send-first": {
		point: "before-checkpoint",
		edits: [
			{
				file: "core/inbox/run-turn.ts",
				from: "const closing = live.close();",
				to: `const closing = live.close();
					for (const { content } of parts)
						await channel.send(inbound.chat, content, { replyToMessageId: inbound.messageId });`,
			},
		],
	},
	"no-placeholder": {
		point: "after-send",
		edits: [
			{
				file: "core/outbox/deliver-part.ts",
				from: "channel.send(chat, PLACEHOLDER, options)",
				to: "channel.send(chat, part.content ?? PLACEHOLDER, options)",
			},
		],
	},
};

export const mutants: readonly string[] = Object.keys(MUTANTS);

/** A node is killed at each named point of a message's life; another one goes on as the design's row says. */
export async function prove({ seed, isShort, mutant: name }: ProveOptions): Promise<ProveResult> {
	const world = await createFlowWorld({ seed, env: { TELEGRAM_WEBHOOK_SECRET: SECRET, LOG_LEVEL: "warn" } });
	try {
		const mutant = name === undefined ? undefined : MUTANTS[name];
		const points = isShort ? SHORT_POINTS : POINT_CASES.map(({ point }) => point);
		const cases = POINT_CASES.filter(({ point }) => (mutant ? [mutant.point] : points).includes(point));
		const broken = toModuleMutant(mutant?.edits ?? []);
		const nodeOf: NodeOf = (env) => startAppNode({ env: { ...env, ...broken.env }, flags: broken.flags });
		const stages = cases.map((one, number) => setStage(world, one, number));
		world.balance((path) => stages.find(({ bot }) => derivePath(SECRET, String(bot.id)) === path)?.url);
		world.vendor.direct((number) => slowDown(stages, number));
		const waiting = [...stages];
		await Promise.all(
			Array.from({ length: AT_A_TIME }, async () => {
				for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift())
					await die(world, stage, nodeOf);
			}),
		);
		return await recover(world, stages, nodeOf);
	} finally {
		await world.close();
	}
}

function setStage(world: FlowWorld, one: PointCase, number: number): Stage {
	const bot = number === 0 ? world.bot : world.addBot();
	const [person] = gatherPeople({ bot, count: 1, firstNumber: number });
	if (person === undefined) throw new Error("nobody");
	const acknowledged = new Set<number>();
	const first = { updateId: undefined as number | undefined };
	bot.webhook.onPost = ({ updateId, status }) => {
		first.updateId ??= updateId;
		if (status === 200) acknowledged.add(updateId - first.updateId);
	};
	const question = 1 + Math.trunc(world.random() * QUESTIONS_MAX);
	return { case: one, bot, person, question, acknowledged, url: undefined };
}

/** A node of its own that dies in the midst of the question. */
async function die(world: FlowWorld, stage: Stage, nodeOf: NodeOf): Promise<void> {
	const { bot, person, question } = stage;
	const { point, inGreeting, inQuestion } = stage.case;
	const passage = inGreeting + (question - 1) * inQuestion + 1 + Math.trunc(world.random() * inQuestion);
	const node = nodeOf({
		...world.env(point),
		...{ TELEGRAM_BOT_TOKENS: bot.token, CRASH_AT: `${point}:${passage}` },
	});
	try {
		stage.url = (await node.ready).url;
		for (let at = 0; at < question; at += 1) {
			person.ask();
			await pollUntil(async () => (await readFacts({ ...world, ...stage, question: at })).done, STEP_MS);
		}
		person.ask();
		const how = await Promise.race([node.ended, sleep(STEP_MS, "it lives", { ref: false })]);
		if (how !== "SIGKILL") throw new Error(`${point}: ${how} ${node.errors()}`);
	} finally {
		await node.kill();
		stage.url = undefined;
	}
	stage.atDeath = await readFacts({ ...world, ...stage });
}

/**
 * A node that is to die a moment after its acknowledgement must not have got to the end by then; and pieces of an answer are
 * counted one by one only where they arrive apart, also on a busy machine.
 */
function slowDown(stages: readonly Stage[], number: string): FakeAnswer | undefined {
	const [person = 0] = number.split(".").map(Number);
	const point = stages[person]?.case.point;
	const isSlow = point === "after-acknowledge" || point === "during-provider";
	return isSlow ? toSlowAnswer(number, SLOW_MS) : undefined;
}

/** Another node finds what they left; in time everything is as if nothing had happened. */
async function recover(world: FlowWorld, stages: readonly Stage[], nodeOf: NodeOf): Promise<ProveResult> {
	const node = nodeOf({
		...world.env("after"),
		TELEGRAM_BOT_TOKENS: stages.map(({ bot }) => bot.token).join(),
	});
	try {
		const { url } = await node.ready;
		const startedAt = performance.now();
		for (const stage of stages) stage.url = url;
		const isSettled = await world.settle(SETTLE_MS);
		const recoveredMs = Math.round(performance.now() - startedAt);
		await passTime(world);
		const wrong = (await Promise.all(stages.map(async (stage) => await compare(world, stage)))).flat();
		// Each lane goes on.
		for (const { person } of stages) person.ask();
		const isOver = await world.settle(SETTLE_MS);
		const seen = lookAt(stages.map(({ person }) => person));
		const books = await readBooks(world.db);
		return {
			passed: isSettled && isOver && wrong.length === 0 && isFlawless(seen) && books.isRight,
			figures: { points: stages.length, ...seen, ...books.figures, recoveredMs, wrong },
		};
	} finally {
		await node.stop();
	}
}

/** What a dead attempt held is free again when its time is over, which is not waited for here. */
async function passTime({ db }: FlowWorld): Promise<void> {
	const now = (later: string): string =>
		`create or replace function ledger_now() returns timestamptz language sql volatile as 'select clock_timestamp()${later}'`;
	await db.raw(now(` + interval ''${LATER}''`));
	await sweepReservations(db);
	await db.raw(now(""));
}

/** What is not as the row says, in words. */
async function compare(world: FlowWorld, stage: Stage): Promise<readonly string[]> {
	const { point, row, atDeath, inTheEnd } = stage.case;
	const end = await readFacts({ ...world, ...stage });
	const differ = (when: string, expected: Partial<Facts>, found: Facts | undefined): string[] =>
		(Object.keys(expected) as (keyof Facts)[])
			.filter((key) => JSON.stringify(expected[key]) !== JSON.stringify(found?.[key]))
			.map(
				(key) =>
					`${point} (row ${row}) ${when}: ${key} is ${JSON.stringify(found?.[key])}, not ${JSON.stringify(expected[key])}`,
			);
	return [...differ("at death", atDeath, stage.atDeath), ...differ("in the end", inTheEnd, end)];
}
