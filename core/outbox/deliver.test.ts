import { describe, expect, test } from "@jest/globals";
import type { SendResult } from "../channels/channel.ts";
import type { FakeCall, FakeChannel } from "../testing/fake-channel.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();

const NOT_SENT: SendResult = { kind: "not-sent", why: "ECONNREFUSED" };
const UNKNOWN: SendResult = { kind: "unknown", why: "time-out" };
const REFUSED: SendResult = { kind: "refused", why: "can't parse entities" };
const GONE: SendResult = { kind: "undeliverable", why: "bot was blocked by the user" };
const MISSING: SendResult = { kind: "missing", why: "message to edit not found" };

/** The first `times` calls of a method end with this. */
function failing(
	channel: FakeChannel,
	method: FakeCall["method"],
	result: SendResult,
	options: { readonly times?: number; readonly isDone?: boolean } = {},
): void {
	let left = options.times ?? 1;
	channel.script((call) => {
		if (call.method !== method || left === 0) return undefined;
		left -= 1;
		return { result, isDone: options.isDone === true };
	});
}

function calls(channel: FakeChannel): string[] {
	return channel.calls
		.filter((call) => call.method !== "typing")
		.map((call) => `${call.method} ${call.text}`);
}

describe("a placeholder", () => {
	test("that was certainly not sent is sent again after a rest", async () => {
		const channel = createFakeChannel();
		failing(channel, "send", NOT_SENT, { times: 2 });
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
		expect(await flow.parts()).toEqual([
			{ part: 0, state: "done", message_id: "1", attempts: 0, last_error: "ECONNREFUSED" },
		]);
		expect(node.turns).toHaveLength(1);
	});

	test("that was held back long does not make the text wait as long when one answer to it is lost", async () => {
		const channel = createFakeChannel();
		let placeholders = 2;
		let edits = 1;
		channel.script(({ method }) => {
			if (method === "send" && placeholders-- > 0) return { result: NOT_SENT };
			if (method === "edit" && edits-- > 0) return { result: UNKNOWN, isDone: true };
			return undefined;
		});
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
		expect(await flow.parts()).toMatchObject([{ state: "done", attempts: 1 }]);
	});

	test("of which nobody knows is replaced by a new one: at worst an orphan, never a second answer", async () => {
		const channel = createFakeChannel();
		failing(channel, "send", UNKNOWN, { isDone: true });
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["…", "<p>re: hi</p>"]);
	});

	test("that is deleted by the user is replaced once", async () => {
		const channel = createFakeChannel();
		failing(channel, "edit", MISSING);
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(calls(channel)).toEqual(["send …", "edit <p>re: hi</p>", "send …", "edit <p>re: hi</p>"]);
		expect((await flow.parts())[0]).toMatchObject({ state: "done", message_id: "2" });
	});

	test("that is deleted twice leaves the answer stored", async () => {
		const channel = createFakeChannel();
		failing(channel, "edit", MISSING, { times: 9 });
		const node = flow.start({ channel });
		const { inboxId } = await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(calls(channel).filter((call) => call.startsWith("send"))).toHaveLength(2);
		expect((await flow.parts())[0]).toMatchObject({
			state: "dead",
			last_error: "missing: message to edit not found",
		});
		expect(await flow.row(inboxId)).toMatchObject({
			status: "done",
			result: { replies: [{ markdown: "re: hi" }] },
		});
	});
});

describe("the text", () => {
	test.each([
		["not sent", NOT_SENT, false],
		["sent, although nobody knows", UNKNOWN, true],
		["of an unknown end", UNKNOWN, false],
	])(
		"%s: the edit is repeated into the same message, and the model is not asked again",
		async (_, result, isDone) => {
			const channel = createFakeChannel();
			failing(channel, "edit", result, { isDone });
			const node = flow.start({ channel });
			await node.accept({ chatId: "1", text: "hi" });
			await flow.settle();
			expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
			expect(calls(channel)).toEqual(["send …", "edit <p>re: hi</p>", "edit <p>re: hi</p>"]);
			expect(node.turns).toHaveLength(1);
		},
	);

	test("whose markup is refused goes as plain text", async () => {
		const channel = createFakeChannel();
		failing(channel, "edit", REFUSED);
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "<b>" });
		await flow.settle();
		expect(calls(channel)).toEqual(["send …", "edit <p>re: <b></p>", "edit re: <b>"]);
		expect(channel.calls.at(-1)?.part).toMatchObject({ text: "re: <b>", plain: "re: <b>" });
		expect((await flow.parts())[0]).toMatchObject({ state: "done" });
	});

	test("refused as plain text too is dead; the next part and the next message go on", async () => {
		const channel = createFakeChannel({ textLengthMax: 10 });
		channel.script((call) => (call.text.includes("bad") ? { result: REFUSED } : undefined));
		const node = flow.start({ channel, handle: async () => toAnswer("bad3456789good") });
		const { inboxId } = await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(await flow.parts()).toMatchObject([
			{ part: 0, state: "dead", last_error: "refused: can't parse entities" },
			{ part: 1, state: "done" },
		]);
		expect((await flow.row(inboxId))["status"]).toBe("done");
	});
});

describe("429", () => {
	test("lets that chat alone wait, for as long as it was told, and the answer then goes", async () => {
		const channel = createFakeChannel();
		const sentAt: number[] = [];
		let refusals = 1;
		channel.script((call) => {
			if (call.chatId !== "slow" || call.method !== "send") return undefined;
			sentAt.push(performance.now());
			refusals -= 1;
			return refusals < 0 ? undefined : { result: { kind: "not-sent", why: "429", retryAfterMs: 2_500 } };
		});
		const node = flow.start({ channel, concurrency: 1 });
		await node.accept({ chatId: "slow", text: "1" });
		await pollUntil(() => sentAt.length === 1 && node.worker.size === 0);
		await Promise.all(
			Array.from({ length: 10 }, async (_, chat) => await node.accept({ chatId: String(chat), text: "hi" })),
		);
		await pollUntil(() => channel.messages.filter((message) => message.versions.length === 2).length === 10);
		expect(sentAt).toHaveLength(1);
		await flow.settle();
		expect(channel.visible("slow")).toEqual(["<p>re: 1</p>"]);
		expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(2_500);
	});

	test("holds for every lane of the chat on this node", async () => {
		const channel = createFakeChannel();
		failing(channel, "send", { kind: "not-sent", why: "429", retryAfterMs: 400 });
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "a" });
		await pollUntil(() => channel.calls.length === 1 && node.worker.size === 0);
		await node.accept({ chatId: "1", text: "b" }, undefined, { lane: "telegram:7:1#fast" });
		await pollUntil(() => node.turns.length === 2 && node.worker.size === 0);
		expect(channel.calls.filter((call) => call.method === "send")).toHaveLength(1);
		await flow.settle();
		expect(channel.visible("1").sort()).toEqual(["<p>re: a</p>", "<p>re: b</p>"]);
	});
});

test("a chat that is gone: stored, marked, and not tried again; also the parts that are left", async () => {
	await flow.db("senders").insert({ platform: "telegram", bot_id: "7", user_id: "1" });
	const channel = createFakeChannel({ textLengthMax: 10 });
	channel.script(() => ({ result: GONE }));
	const node = flow.start({ channel, handle: async () => toAnswer("0123456789abc") });
	const { inboxId } = await node.accept({ chatId: "1", text: "hi" });
	await flow.settle();
	expect(channel.calls.filter((call) => call.method === "send")).toHaveLength(1);
	expect(await flow.parts()).toMatchObject([{ state: "dead" }, { state: "dead" }]);
	expect(await flow.row(inboxId)).toMatchObject({
		status: "done",
		result: { replies: [{ markdown: "0123456789abc" }] },
	});
	expect(await flow.db("senders").first("reachable")).toEqual({ reachable: false });
	await flow.db("senders").del();
});

test("a group that is gone says nothing about the person", async () => {
	await flow.db("senders").insert({ platform: "telegram", bot_id: "7", user_id: "9" });
	const channel = createFakeChannel();
	channel.script(() => ({ result: GONE }));
	const node = flow.start({ channel });
	await node.accept({ chatId: "-1", kind: "group", userId: "9", text: "hi" });
	await flow.settle();
	expect(await flow.db("senders").first("reachable")).toEqual({ reachable: true });
	await flow.db("senders").del();
});

describe("a file", () => {
	const answer = {
		...toAnswer(),
		result: { replies: [{ markdown: "here", attachment: { filename: "a.json", text: "{}" } }] },
	};

	test("goes after its text, and again when nobody knows whether it arrived", async () => {
		const channel = createFakeChannel();
		let isFirst = true;
		channel.script((call) => {
			if (call.part?.attachment === undefined || !isFirst) return undefined;
			isFirst = false;
			return { result: UNKNOWN, isDone: true };
		});
		const node = flow.start({ channel, handle: async () => answer });
		await node.accept({ chatId: "1", text: "export" });
		await flow.settle();
		expect(channel.messages.map(({ versions, attachment }) => [versions.at(-1), attachment])).toEqual([
			["<p>here</p>", undefined],
			["", "a.json"],
			["", "a.json"],
		]);
		expect((await flow.parts())[0]).toMatchObject({ state: "done" });
	});
});

describe("where messages cannot be edited", () => {
	test("an answer is sent once, without a placeholder", async () => {
		const channel = createFakeChannel({ platform: "wechat", edit: false });
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(calls(channel)).toEqual(["send <p>re: hi</p>"]);
		expect((await flow.parts())[0]).toMatchObject({ state: "sent", message_id: "1" });
	});

	test("an answer that may have arrived is not repeated, but kept", async () => {
		const channel = createFakeChannel({ platform: "wechat", edit: false });
		failing(channel, "send", UNKNOWN);
		const node = flow.start({ channel });
		const { inboxId } = await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(calls(channel)).toHaveLength(1);
		expect((await flow.parts())[0]).toMatchObject({ state: "unknown", last_error: "time-out" });
		expect((await flow.row(inboxId))["status"]).toBe("done");
	});

	test("an answer that certainly was not sent goes later; a refused one as plain text", async () => {
		const channel = createFakeChannel({ platform: "wechat", edit: false });
		const results = [NOT_SENT, REFUSED];
		channel.script((call) => {
			const result = call.method === "send" ? results.shift() : undefined;
			return result === undefined ? undefined : { result };
		});
		const node = flow.start({ channel });
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(calls(channel)).toEqual(["send <p>re: hi</p>", "send <p>re: hi</p>", "send re: hi"]);
		expect((await flow.parts())[0]).toMatchObject({ state: "sent" });
	});
});

test("a group is written to at its pace, which holds up nobody else", async () => {
	const pace = { group: { intervalMs: 300, burst: 2 } };
	const channel = createFakeChannel({ pace });
	const doneAt: number[] = [];
	channel.script((call) => {
		if (call.chatId === "-1" && call.method === "edit") doneAt.push(performance.now());
		return undefined;
	});
	const node = flow.start({ channel, isStarted: false });
	for (const text of ["1", "2", "3", "4"]) await node.accept({ chatId: "-1", kind: "group", text });
	await node.accept({ chatId: "2", text: "hi" });
	node.worker.start();
	await pollUntil(() => channel.visible("2").includes("<p>re: hi</p>"));
	await flow.settle();
	expect(channel.visible("-1")).toEqual(["1", "2", "3", "4"].map((text) => `<p>re: ${text}</p>`));
	expect((doneAt[3] ?? 0) - (doneAt[0] ?? 0)).toBeGreaterThan(250);
});
