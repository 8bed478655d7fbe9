import { beforeEach, describe, expect, test } from "@jest/globals";
import { openAccount } from "../ledger/accounts.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { UsageEntry } from "../models/model-call.ts";
import type { DialogueWrite, TurnOutcome } from "../pipeline/turn.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { toAnswer } from "../testing/message-flow.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import type { CheckpointItem } from "./checkpoint.ts";
import { createCheckpoint } from "./checkpoint.ts";
import { claimLanes } from "./claim.ts";
import { DialogueRaceError } from "./write-dialogues.ts";

const flow = useMessageFlow();
let accountId = "";
beforeEach(async () => {
	const rows = (await flow.db("accounts").insert({}).returning("id")) as { id: string }[];
	accountId = rows[0]?.id ?? "";
	await openAccount(flow.db, { accountId, zone: "UTC", dailyTokens: 1_000 });
});

/** Leased events of as many lanes. */
async function claimed(count: number): Promise<CheckpointItem["hold"][]> {
	const node = flow.start({ channel: createFakeChannel(), isStarted: false });
	for (let chat = 0; chat < count; chat += 1) await node.accept({ chatId: String(chat), text: "hi" });
	const claims = await claimLanes(flow.db, {
		owner: crypto.randomUUID(),
		bots: ["telegram:*"],
		ttlMs: 60_000,
		limit: 100,
	});
	return [...claims].sort((one, other) => Number(one.inboxId) - Number(other.inboxId));
}

function item(hold: CheckpointItem["hold"], outcome: Partial<TurnOutcome> = {}): CheckpointItem {
	return {
		hold,
		outcome: { ...toAnswer("hello"), ...outcome },
		parts: [{ part: 0, content: { text: "hello", plain: "hello" }, state: "ph_sending" }],
		isEnd: false,
		isAnnounced: false,
		sender: { platform: "telegram", botId: "7", userId: "1" },
	};
}

function usageOf(reservationId: string, chargedMicro: number): UsageEntry {
	return {
		accountId,
		inboxId: undefined,
		reservationId,
		channel: "telegram",
		source: "chat",
		agentId: undefined,
		providerId: "demo",
		model: "demo",
		region: "local",
		policy: "BEST",
		inputTokens: 3,
		outputTokens: 4,
		tokensOrigin: "reported",
		chargedMicro,
		firstTokenMs: 1.5,
		latencyMs: 20.2,
		outcome: "complete",
		errorCode: undefined,
	};
}

async function reserve(tokens: number): Promise<string> {
	const reservationId = crypto.randomUUID();
	const amount = tokens * MICRO;
	const outcome = await createLedger({ db: flow.db }).reserve({
		reservationId,
		accountId,
		minimumMicro: amount,
		wantedMicro: amount,
		ttlMs: 60_000,
	});
	expect(outcome.kind).toBe("reserved");
	return reservationId;
}

test("answer, charge, usage and conversation are one commit, on the real ledger", async () => {
	const ledger = createLedger({ db: flow.db });
	const checkpoint = createCheckpoint(flow.db, ledger);
	const [hold] = await claimed(1);
	if (hold === undefined) throw new Error("nothing claimed");
	const reservationId = await reserve(100);
	const memory = [
		{ role: "user", content: "hi", tokens: 1 },
		{ role: "assistant", content: "hello\u0000\ud800", tokens: 2 },
	] as const;
	const settlements = [{ reservationId, actualMicro: 7 * MICRO }];
	const outcome = { settlements, usage: [usageOf(reservationId, 7 * MICRO)], memory };
	expect(await checkpoint(item(hold, outcome))).toMatchObject({ kind: "written" });
	expect(await ledger.balance(accountId)).toMatchObject({ postedMicro: 7 * MICRO, pendingMicro: 0 });
	expect(
		await flow.db("usage_log").first("charged_micro", "input_tokens", "first_token_ms", "latency_ms"),
	).toEqual({
		charged_micro: String(7 * MICRO),
		input_tokens: "3",
		first_token_ms: 2,
		latency_ms: 20,
	});
	expect(
		await flow.db("conversation_messages").orderBy("id").select("lane", "role", "content", "account_id"),
	).toEqual([
		{ lane: hold.lane, role: "user", content: "hi", account_id: accountId },
		{ lane: hold.lane, role: "assistant", content: "hello\ufffd\ufffd", account_id: accountId },
	]);
	expect(await flow.row(hold.inboxId)).toMatchObject({
		status: "ready",
		result: { replies: [{ markdown: "hello" }] },
	});
	expect(await flow.parts()).toMatchObject([{ part: 0, state: "ph_sending" }]);
});

test("written twice: the second is told that the first counts, and nothing is charged again", async () => {
	const ledger = createLedger({ db: flow.db });
	const checkpoint = createCheckpoint(flow.db, ledger);
	const [hold] = await claimed(1);
	if (hold === undefined) throw new Error("nothing claimed");
	const [first, second] = [await reserve(10), await reserve(10)];
	await checkpoint(item(hold, { settlements: [{ reservationId: first, actualMicro: MICRO }] }));
	const again = item(hold, {
		...toAnswer("other"),
		settlements: [{ reservationId: second, actualMicro: MICRO }],
	});
	expect(await checkpoint(again)).toMatchObject({ kind: "already" });
	expect((await flow.row(hold.inboxId))["result"]).toEqual({ replies: [{ markdown: "hello" }] });
	expect(await ledger.balance(accountId)).toMatchObject({ postedMicro: MICRO, pendingMicro: 10 * MICRO });
});

test("an answer that cost more than the account had says what was paid", async () => {
	const checkpoint = createCheckpoint(flow.db, createLedger({ db: flow.db }));
	const [hold] = await claimed(1);
	if (hold === undefined) throw new Error("nothing claimed");
	const reservationId = await reserve(900);
	const usage = { inputTokens: 1_000, outputTokens: 500, chargedTokens: 1_500 };
	const outcome = { settlements: [{ reservationId, actualMicro: 1_500 * MICRO }] };
	const result = { replies: [{ markdown: "hello" }], usage };
	const stored = await checkpoint(item(hold, { ...outcome, result }));
	expect(stored).toMatchObject({ kind: "written", result: { usage: { chargedTokens: 1_000 } } });
	expect(await flow.row(hold.inboxId)).toMatchObject({ result: stored.result });
});

test("a lost lease writes and charges nothing", async () => {
	const ledger = createLedger({ db: flow.db });
	const checkpoint = createCheckpoint(flow.db, ledger);
	const [stolen, kept] = await claimed(2);
	if (stolen === undefined || kept === undefined) throw new Error("nothing claimed");
	await flow.db("lanes").where({ lane: stolen.lane }).increment("token", 1);
	const reservationId = await reserve(10);
	const outcomes = await Promise.all([
		checkpoint(item(stolen, { settlements: [{ reservationId, actualMicro: MICRO }] })),
		checkpoint(item(kept)),
	]);
	expect(outcomes.map(({ kind }) => kind)).toEqual(["fenced", "written"]);
	expect(await flow.row(stolen.inboxId)).toMatchObject({ result: null, checkpointed_at: null });
	expect(await ledger.balance(accountId)).toMatchObject({ postedMicro: 0, pendingMicro: 10 * MICRO });
	expect(await flow.parts()).toHaveLength(1);
});

test("one answer that cannot be stored does not fail the others of its batch", async () => {
	const checkpoint = createCheckpoint(flow.db, createLedger({ db: flow.db }));
	const holds = await claimed(5);
	const outcomes = await Promise.allSettled(
		holds.map(async (hold, index) => {
			const usage = index === 2 ? [{ ...usageOf(crypto.randomUUID(), 0), accountId: "987654321" }] : [];
			return await checkpoint(item(hold, { usage }));
		}),
	);
	expect(outcomes.map((outcome) => outcome.status)).toEqual([
		"fulfilled",
		"fulfilled",
		"rejected",
		"fulfilled",
		"fulfilled",
	]);
	expect(await flow.parts()).toHaveLength(4);
	expect(await flow.row(holds[2]?.inboxId ?? "")).toMatchObject({ result: null });
});

describe("dialogues", () => {
	const key = { platform: "telegram", botId: "7", userId: "1", kind: "onboarding" };
	const write = (expectedVersion: number, state: unknown): DialogueWrite => ({
		...key,
		expectedVersion,
		state,
	});

	async function store(writes: readonly DialogueWrite[], others = 0): Promise<unknown[]> {
		const holds = await claimed(1 + others);
		const checkpoint = createCheckpoint(flow.db, createLedger({ db: flow.db }));
		const outcomes = await Promise.allSettled(
			holds.map(
				async (hold, index) => await checkpoint(item(hold, index === 0 ? { dialogues: writes } : {})),
			),
		);
		await flow.db.raw("truncate inbox, outbox, lanes cascade");
		return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.kind : outcome.reason));
	}

	test("begin, go on and end by compare-and-set", async () => {
		expect(await store([write(0, { step: 1 })])).toEqual(["written"]);
		expect(await store([write(1, { step: 2 })])).toEqual(["written"]);
		expect(await flow.db("dialogues").select("state", "version")).toEqual([
			{ state: { step: 2 }, version: 2 },
		]);
		expect(await store([write(2, undefined)])).toEqual(["written"]);
		expect(await flow.db("dialogues")).toEqual([]);
		expect(await store([write(0, undefined)])).toEqual(["written"]);
	});

	test.each([
		["that exists already", 0, { step: 9 }],
		["that went on meanwhile", 3, { step: 9 }],
		["that went on, to end it", 3, undefined],
	])(
		"a lost race (%s) stores nothing of that turn; the others of the batch are stored",
		async (_, version, state) => {
			await store([write(0, { step: 1 })]);
			const outcomes = await store([write(version, state)], 2);
			expect(outcomes[0]).toBeInstanceOf(DialogueRaceError);
			expect(outcomes.slice(1)).toEqual(["written", "written"]);
			expect(await flow.db("dialogues").select("state", "version")).toEqual([
				{ state: { step: 1 }, version: 1 },
			]);
		},
	);

	test("a turn that lost the race is repeated by the worker, and then sees the new state", async () => {
		await flow
			.db("dialogues")
			.insert({ platform: "telegram", bot_id: "7", user_id: "1", kind: "onboarding", state: "{}" });
		const channel = createFakeChannel();
		const node = flow.start({
			channel,
			handle: async (turn) => ({
				...toAnswer("ok"),
				dialogues: [write(turn.attempt === 1 ? 5 : 1, { step: 2 })],
			}),
		});
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(node.turns.map((turn) => turn.attempt)).toEqual([1, 2]);
		expect(channel.visible("1")).toEqual(["<p>ok</p>"]);
	});
});

test("what was said on the fast lane belongs to the conversation of its chat; without an account nothing is kept", async () => {
	const channel = createFakeChannel();
	const memory = [{ role: "assistant", content: "again", tokens: 1 }] as const;
	await flow.db("senders").insert({ platform: "telegram", bot_id: "7", user_id: "1", account_id: accountId });
	const node = flow.start({ channel, handle: async () => ({ ...toAnswer("ok"), memory }) });
	await node.accept({ chatId: "1", text: "retry" }, undefined, { lane: "telegram:7:1#fast" });
	await node.accept({ chatId: "2", text: "unknown" });
	await flow.settle();
	expect(await flow.db("conversation_messages").select("lane")).toEqual([{ lane: "telegram:7:1" }]);
	await flow.db("senders").del();
});
