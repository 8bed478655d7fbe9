import { describe, expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo, toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();

test("a message is answered: placeholder as a reply, then the text, then done", async () => {
	const channel = createFakeChannel();
	const node = flow.start({ channel });
	const { inboxId } = await node.accept({ chatId: "1", text: "hello", messageId: "55" });
	await flow.settle();
	expect(channel.messages).toEqual([
		{
			messageId: "1",
			chatId: "1",
			replyTo: "55",
			versions: ["…", "<p>re: hello</p>"],
			attachment: undefined,
		},
	]);
	expect(await flow.row(inboxId)).toMatchObject({
		status: "done",
		attempts: 1,
		result: { replies: [{ markdown: "re: hello" }] },
	});
	expect(await flow.db("outbox").select("part", "state", "message_id")).toEqual([
		{ part: 0, state: "done", message_id: "1" },
	]);
	expect(await flow.db("lanes").first("waiting", "has_work", "owner")).toEqual({
		waiting: 0,
		has_work: false,
		owner: null,
	});
});

test("events of a lane are answered in order by many nodes, each once", async () => {
	const channel = createFakeChannel();
	const team = Array.from({ length: 3 }, () => flow.start({ channel, concurrency: 4, isListening: true }));
	for (let round = 0; round < 10; round += 1) {
		await Promise.all(
			Array.from({ length: 8 }, async (_, chat) => {
				await team[(round + chat) % 3]?.accept({ chatId: String(chat), text: String(round) });
			}),
		);
	}
	await flow.settle();
	for (let chat = 0; chat < 8; chat += 1) {
		expect(channel.visible(String(chat))).toEqual(
			Array.from({ length: 10 }, (_, round) => `<p>re: ${round}</p>`),
		);
	}
	expect(team.flatMap((node) => node.turns)).toHaveLength(80);
	expect(team.filter((node) => node.turns.length > 0).length).toBeGreaterThan(1);
});

test("a stop waits for what was claimed at that very moment", async () => {
	for (let round = 0; round < 10; round += 1) {
		const channel = createFakeChannel();
		const node = flow.start({ channel, isStarted: false });
		const { inboxId } = await node.accept({ chatId: `late${round}`, text: "hello" });
		node.worker.start();
		await node.worker.stop();
		const { status } = await flow.row(inboxId);
		const lane = await flow.db("lanes").where("lane", "like", `%:late${round}`).first("owner");
		expect({ status, owner: lane?.owner }).toEqual({ status: "done", owner: null });
	}
});

test("a chat that hangs holds up nobody else", async () => {
	const channel = createFakeChannel();
	let release: () => void = () => undefined;
	const hanging = new Promise<undefined>((resolve) => {
		release = () => resolve(undefined);
	});
	channel.script(async (call) => (call.chatId === "hang" ? await hanging : undefined));
	const node = flow.start({ channel, concurrency: 5 });
	await node.accept({ chatId: "hang", text: "1" });
	await node.accept({ chatId: "hang", text: "2" });
	await Promise.all(
		Array.from({ length: 40 }, async (_, chat) => await node.accept({ chatId: String(chat), text: "hello" })),
	);
	await pollUntil(async () => {
		const open = await flow.db("inbox").where({ status: "ready" }).count({ n: "*" }).first();
		return open?.["n"] === "2";
	});
	expect(channel.messages.filter((message) => message.chatId !== "hang")).toHaveLength(40);
	expect(node.turns.filter((turn) => turn.lane === "telegram:7:hang")).toHaveLength(1);
	release();
	await flow.settle();
	expect(channel.visible("hang")).toEqual(["<p>re: 1</p>", "<p>re: 2</p>"]);
});

test("a lane is given back after each message, so that a busy chat shares a single slot", async () => {
	const channel = createFakeChannel();
	const node = flow.start({ channel, concurrency: 1, isStarted: false });
	for (const text of ["1", "2", "3"]) await node.accept({ chatId: "busy", text });
	await node.accept({ chatId: "other", text: "1" });
	node.worker.start();
	await flow.settle();
	expect(node.turns.map((turn) => turn.lane.slice(-5))).toEqual(
		["busy", "other", "busy", "busy"].map((name) => `:7:${name}`.slice(-5)),
	);
});

test("another node's lanes are taken within a poll when no hint arrives", async () => {
	const channel = createFakeChannel();
	const writer = flow.start({ channel, isStarted: false });
	flow.start({ channel, isListening: false });
	await writer.accept({ chatId: "1", text: "hello" });
	await flow.settle();
	expect(channel.visible("1")).toEqual(["<p>re: hello</p>"]);
});

test("a node leaves the lanes of bots it does not serve alone", async () => {
	const telegram = createFakeChannel();
	const terminal = createFakeChannel({ platform: "terminal" });
	const node = flow.start({ channel: telegram });
	const other = flow.start({ channel: terminal, isStarted: false });
	await other.accept({ chatId: "1", text: "for the terminal" });
	await node.accept({ chatId: "1", text: "for telegram" });
	await pollUntil(() => telegram.visible("1").length === 1 && node.worker.size === 0);
	expect(node.turns).toHaveLength(1);
	other.worker.start();
	await flow.settle();
	expect(terminal.visible("1")).toEqual(["<p>re: for the terminal</p>"]);
});

test("buttons on the fast lane do not wait behind a long answer", async () => {
	const channel = createFakeChannel();
	let release: () => void = () => undefined;
	const long = new Promise<void>((resolve) => {
		release = resolve;
	});
	const node = flow.start({
		channel,
		handle: async (turn) => {
			if (!turn.lane.endsWith("#fast")) await long;
			return turn.lane.endsWith("#fast") ? { ...toAnswer(), toast: "Done" } : toAnswer("long");
		},
	});
	await node.accept({ chatId: "1", text: "long" });
	const content = { kind: "action", actionId: "a1", data: "stop" } as const;
	const { inboxId } = await node.accept({ chatId: "1", content }, "fast", { lane: "telegram:7:1#fast" });
	await pollUntil(async () => (await flow.row(inboxId))["status"] === "done");
	await pollUntil(() => channel.calls.some((call) => call.method === "answerAction"));
	expect(channel.calls.find((call) => call.method === "answerAction")).toMatchObject({
		messageId: "a1",
		text: "Done",
	});
	expect(channel.messages).toEqual([]);
	release();
	await flow.settle();
});

test("the first refusal of a burst is told on the fast lane in the sender's language, at once and once", async () => {
	const channel = createFakeChannel({ textLengthMax: 1000 });
	let release: () => void = () => undefined;
	const long = new Promise<void>((resolve) => {
		release = resolve;
	});
	const node = flow.start({
		channel,
		handle: async (turn) => {
			await long;
			return await echo(turn);
		},
	});
	await Promise.all(
		Array.from(
			{ length: 6 },
			async () =>
				await node.accept({ chatId: "1", text: "x", languageHint: "ru" }, undefined, { queueMax: 2 }),
		),
	);
	await pollUntil(() => channel.visible("1").some((text) => text.includes("Слишком много сообщений")));
	release();
	await flow.settle();
	expect(channel.visible("1").filter((text) => text.includes("Слишком много"))).toHaveLength(1);
	expect(channel.visible("1")).toHaveLength(3);
	const statuses = (await flow.db("inbox").orderBy("id").pluck("status")) as string[];
	expect(statuses).toEqual(["done", "done", "refused", "refused", "refused", "refused"]);
});

describe("long texts", () => {
	test("become several messages, each placed and filled in order", async () => {
		const channel = createFakeChannel({ textLengthMax: 10 });
		const node = flow.start({ channel, handle: async () => toAnswer("0123456789abcdefghijKLM") });
		await node.accept({ chatId: "1", text: "hello", messageId: "5" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>0123456789</p>", "<p>abcdefghij</p>", "<p>KLM</p>"]);
		expect(
			channel.calls.filter((call) => call.method !== "typing").map((call) => `${call.method} ${call.text}`),
		).toEqual([
			"send …",
			"edit <p>0123456789</p>",
			"send …",
			"edit <p>abcdefghij</p>",
			"send …",
			"edit <p>KLM</p>",
		]);
		expect(channel.messages.map((message) => message.replyTo)).toEqual(["5", undefined, undefined]);
	});
});

test("a channel the caller fetches from gets nothing sent; the result is the answer", async () => {
	const channel = createFakeChannel({ platform: "http", push: false });
	const node = flow.start({ channel });
	const { inboxId } = await node.accept({ chatId: "1", text: "hello" });
	const result = await node.results.waitForResult(inboxId, AbortSignal.timeout(5_000));
	expect(result?.replies).toEqual([{ markdown: "re: hello" }]);
	await flow.settle();
	expect(channel.calls).toEqual([]);
	expect(await flow.db("outbox")).toEqual([]);
	expect((await flow.row(inboxId))["status"]).toBe("done");
});

test("an event nobody answers is done, and nothing is sent", async () => {
	const channel = createFakeChannel();
	const node = flow.start({ channel, handle: async () => toAnswer() });
	const { inboxId } = await node.accept({ chatId: "1", content: { kind: "ignored", why: "edited" } });
	await flow.settle();
	expect(channel.calls).toEqual([]);
	expect((await flow.row(inboxId))["status"]).toBe("done");
});
