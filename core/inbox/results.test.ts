import { describe, expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();
const soon = (): AbortSignal => AbortSignal.timeout(8_000);
const http = () => createFakeChannel({ platform: "http", push: false });

describe("waitForResult", () => {
	test("answers for a turn of this node, of another one, and for one that is long over", async () => {
		const here = flow.start({ channel: http() });
		const elsewhere = flow.start({ channel: http(), isStarted: false });
		const first = await here.accept({ chatId: "1", text: "a" });
		expect((await here.results.waitForResult(first.inboxId, soon()))?.replies).toEqual([
			{ markdown: "re: a" },
		]);
		expect((await here.results.waitForResult(first.inboxId, soon()))?.replies).toEqual([
			{ markdown: "re: a" },
		]);
		const second = await elsewhere.accept({ chatId: "1", text: "b" });
		expect((await elsewhere.results.waitForResult(second.inboxId, soon()))?.replies).toEqual([
			{ markdown: "re: b" },
		]);
	});

	test("serves many waiters of one turn", async () => {
		const node = flow.start({ channel: http(), isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		const waits = Array.from({ length: 5 }, async () => await node.results.waitForResult(inboxId, soon()));
		node.worker.start();
		expect((await Promise.all(waits)).map((result) => result?.replies.length)).toEqual([1, 1, 1, 1, 1]);
	});

	test("ends with undefined when the caller gives up, and remembers nothing of him", async () => {
		const node = flow.start({ channel: http(), isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		const caller = new AbortController();
		const waiting = node.results.waitForResult(inboxId, caller.signal);
		expect(node.results.isAwaited(inboxId)).toBe(true);
		caller.abort();
		expect(await waiting).toBeUndefined();
		expect(node.results.isAwaited(inboxId)).toBe(false);
		expect(await node.results.waitForResult(inboxId, AbortSignal.abort())).toBeUndefined();
		expect(await node.results.waitForResult("nonsense", soon())).toBeUndefined();
	});

	test("answers for an event that was refused", async () => {
		const node = flow.start({ channel: http(), isStarted: false });
		await node.accept({ chatId: "1", text: "a" }, undefined, { queueMax: 1 });
		await node.accept({ chatId: "1", text: "b" }, undefined, { queueMax: 1 });
		const { inboxId } = await node.accept({ chatId: "1", text: "c" }, undefined, { queueMax: 1 });
		expect(await node.results.waitForResult(inboxId, soon())).toEqual({
			replies: [],
			error: { code: "RATE_LIMITED", retryable: true },
		});
	});
});

describe("watchText", () => {
	test("gives the whole text so far each time it grows, also to who comes late, and nothing after the end", async () => {
		const early: string[] = [];
		const late: string[] = [];
		let go: () => void = () => undefined;
		const going = new Promise<void>((resolve) => {
			go = resolve;
		});
		const node = flow.start({
			channel: http(),
			isStarted: false,
			handle: async (turn) => {
				turn.onText("one");
				await going;
				turn.onText(" two");
				return toAnswer("one two");
			},
		});
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		node.worker.watchText(inboxId, (text) => early.push(text));
		node.worker.start();
		await pollUntil(() => early.length === 1);
		const unwatch = node.worker.watchText(inboxId, (text) => late.push(text));
		go();
		await node.results.waitForResult(inboxId, soon());
		unwatch();
		expect([early, late]).toEqual([
			["one", "one two"],
			["one", "one two"],
		]);
		await flow.settle();
		node.worker.watchText(inboxId, (text) => late.push(text));
		expect(late).toHaveLength(2);
	});
});
