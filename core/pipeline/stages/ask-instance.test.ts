import { describe, expect, test } from "@jest/globals";
import type { InstanceContext, SubscriptionContext } from "../../accounts/account.ts";
import type { InstanceAnswer, InstanceQuestion } from "../../instances/talk.ts";
import { MICRO } from "../../ledger/ledger.ts";
import { instanceTexts } from "../../texts/instances.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn } from "../turn.ts";
import { askInstance } from "./ask-instance.ts";
import type { Question } from "./ask-model.ts";
import type { Caller } from "./identify-sender.ts";

type Phase = InstanceContext["phase"];
type Strategy = SubscriptionContext["caller"]["busyStrategy"];

const ANSWERED: InstanceAnswer = { kind: "answered", outcome: "complete", text: "four" };
const QUESTION: Question = { text: "2+2?", before: [], after: [] } as unknown as Question;

function openBench(answer: InstanceAnswer = ANSWERED) {
	const asked: InstanceQuestion[] = [];
	const balances = [100_000];
	const deps = {
		instances: {
			async ask(question: InstanceQuestion) {
				asked.push(question);
				return answer;
			},
		},
		ledger: {
			balance: async () => ({
				availableMicro: (balances.length > 1 ? (balances.shift() ?? 0) : (balances[0] ?? 0)) * MICRO,
				zone: "UTC",
			}),
		},
		countTokens: async () => 1,
		settings: { historyTokensMax: 1_000 },
	} as unknown as PipelineDeps;
	const turn = { signal: new AbortController().signal, onText: () => undefined } as unknown as Turn;
	return {
		asked,
		balances,
		ask: async (caller: Caller) => await askInstance(deps, turn, caller, QUESTION),
	};
}

function toCaller(phase: Phase | undefined, busyStrategy: Strategy = "fallback", kind = "container"): Caller {
	const instance = phase === undefined ? undefined : { instanceId: "i", host: "h", generation: 3, phase };
	const subscription = { live: true, instanceKind: kind, caller: { busyStrategy } };
	const account = {
		accountId: "a",
		language: "en",
		conversationStartsAfter: "7",
		agent: undefined,
		instance,
		subscription,
	};
	return { lane: "telegram:7:5", account } as unknown as Caller;
}

test("one that is up is asked, under a name that says nothing of its owner, and costs nothing twice", async () => {
	const bench = openBench();
	const asked = await bench.ask(toCaller("ready"));
	expect(asked).toMatchObject({
		kind: "answered",
		chargedMicro: 0,
		outcome: { result: { replies: [{ markdown: "four" }] }, settlements: [], usage: [] },
	});
	expect(bench.asked).toMatchObject([
		{
			instanceId: "i",
			generation: 3,
			agentId: "assistant",
			thread: expect.stringMatching(/^rp-[0-9a-f]{32}$/),
		},
	]);
});

describe("answered directly", () => {
	test.each<[string, Caller, object]>([
		["an account without one", toCaller(undefined), { note: undefined }],
		["a plan without one", toCaller("ready", "fallback", "none"), { note: undefined }],
		[
			"one that is still made, where the plan has a way round",
			toCaller("creating"),
			{ note: instanceTexts.comingNote },
		],
		[
			"one that ends again and again",
			toCaller("crashloop", "low_priority"),
			{ note: instanceTexts.awayNote },
		],
	])("%s", async (_, caller, expected) => {
		const bench = openBench();
		expect(await bench.ask(caller)).toEqual({ kind: "direct", ...expected });
		expect(bench.asked).toEqual([]);
	});

	test("when it is not reached", async () => {
		expect(await openBench({ kind: "away", why: "gone" }).ask(toCaller("degraded"))).toEqual({
			kind: "direct",
			note: instanceTexts.awayNote,
		});
	});
});

test("a plan without a way round waits for one that is started", async () => {
	await expect(openBench().ask(toCaller("starting", "low_priority"))).rejects.toMatchObject({
		code: "INSTANCE_PROVISIONING",
	});
});

test("without tokens it is not asked; what it could not pay for is not told as its fault", async () => {
	const poor = openBench();
	poor.balances.splice(0, 1, 0);
	await expect(poor.ask(toCaller("ready"))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
	expect(poor.asked).toEqual([]);
	const spent = openBench({ kind: "away", why: "402" });
	spent.balances.splice(0, 1, 100_000, 0);
	await expect(spent.ask(toCaller("ready"))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
	expect(spent.asked).toHaveLength(1);
});
