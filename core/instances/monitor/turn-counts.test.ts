import { expect, test } from "@jest/globals";
import type { InstanceAnswer, InstanceQuestion, InstanceTalk } from "../talk.ts";
import { createTurnCounts } from "./turn-counts.ts";

const ANSWERED: InstanceAnswer = { kind: "answered", outcome: "complete", text: "hi" };

function toQuestion(instanceId: string, thread = "t"): InstanceQuestion {
	return { instanceId, thread, host: "h", generation: 1, agentId: "a", text: "hi" };
}

function talkOf(answer: () => Promise<InstanceAnswer>): InstanceTalk {
	return { ask: answer };
}

async function ask(talk: InstanceTalk, question: InstanceQuestion, signal = new AbortController().signal) {
	return await talk.ask(question, signal, () => undefined);
}

test("what was answered, what was not, and who talked", async () => {
	const counts = createTurnCounts(() => 0);
	await ask(counts.count(talkOf(async () => ANSWERED)), toQuestion("one", "a"));
	await ask(counts.count(talkOf(async () => ANSWERED)), toQuestion("one", "b"));
	await ask(counts.count(talkOf(async () => ({ kind: "away", why: "gone" }))), toQuestion("one", "a"));
	await ask(counts.count(talkOf(async () => ({ ...ANSWERED, outcome: "cut" }))), toQuestion("two"));
	await ask(counts.count(talkOf(async () => ({ ...ANSWERED, outcome: "stopped" }))), toQuestion("two"));
	expect(counts.take()).toEqual([
		{ instanceId: "one", turns: 3, turnsFailed: 1, sessions: 2 },
		{ instanceId: "two", turns: 2, turnsFailed: 1, sessions: 1 },
	]);
});

test("a failure of ours counts; a turn that was taken away does not", async () => {
	const counts = createTurnCounts(() => 0);
	const broken = counts.count(
		talkOf(async () => {
			throw new Error("no secret");
		}),
	);
	await expect(ask(broken, toQuestion("one"))).rejects.toThrow("no secret");
	await expect(ask(broken, toQuestion("two"), AbortSignal.abort("fenced"))).rejects.toThrow("no secret");
	expect(counts.take().map(({ instanceId, turns, turnsFailed }) => [instanceId, turns, turnsFailed])).toEqual(
		[
			["one", 1, 1],
			["two", 0, 0],
		],
	);
});

test("sessions stay for a quarter of an hour after their last message, and the counts are given once", async () => {
	let nowMs = 0;
	const counts = createTurnCounts(() => nowMs);
	await ask(counts.count(talkOf(async () => ANSWERED)), toQuestion("one"));
	counts.take();
	nowMs = 899_999;
	expect(counts.take()).toEqual([{ instanceId: "one", turns: 0, turnsFailed: 0, sessions: 1 }]);
	nowMs = 900_000;
	expect(counts.take()).toEqual([]);
});
