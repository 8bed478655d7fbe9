import { describe, expect, test } from "@jest/globals";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo, toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { findRunningTurn, requestStop } from "./stop.ts";

const flow = useMessageFlow();

/** Runs until its signal aborts, and says why. */
async function untilAborted({ signal }: Turn): Promise<TurnOutcome> {
	if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
	if (signal.reason === "fenced") throw new Error("fenced");
	return toAnswer(String(signal.reason));
}

describe("the user's stop", () => {
	test("reaches the turn on another node", async () => {
		const channel = createFakeChannel();
		const node = flow.start({ channel, handle: untilAborted, isListening: true });
		const { inboxId } = await node.accept({ chatId: "1", text: "long" });
		await pollUntil(() => node.turns.length === 1);
		// The listening connection may still be opening: ask until somebody hears.
		await pollUntil(async () => {
			await flow.db("inbox").where({ id: inboxId }).update({ stop_requested_at: null });
			await requestStop(flow.db, inboxId);
			return node.turns[0]?.signal.aborted === true;
		});
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>stopped</p>"]);
	});

	test("is seen at the next renewal when no notification arrives", async () => {
		const channel = createFakeChannel();
		const node = flow.start({ channel, handle: untilAborted, leaseTtlMs: 400 });
		const { inboxId } = await node.accept({ chatId: "1", text: "long" });
		await pollUntil(() => node.turns.length === 1);
		expect(await requestStop(flow.db, inboxId)).toBe(true);
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>stopped</p>"]);
	});

	test("of a message that still waits stops it as soon as it starts", async () => {
		const channel = createFakeChannel();
		const node = flow.start({ channel, handle: untilAborted, isStarted: false });
		const { inboxId } = await node.accept({ chatId: "1", text: "long" });
		expect(await requestStop(flow.db, inboxId)).toBe(true);
		node.worker.start();
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>stopped</p>"]);
	});

	test("before the first word: the pipeline may end with the signal's reason, and the chat is told", async () => {
		const channel = createFakeChannel();
		const node = flow.start({
			channel,
			isStarted: false,
			handle: async ({ signal }) => {
				signal.throwIfAborted();
				return toAnswer("never");
			},
		});
		const { inboxId } = await node.accept({ chatId: "1", text: "long", languageHint: "zh-hans" });
		await requestStop(flow.db, inboxId);
		node.worker.start();
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>已停止。</p>"]);
		expect((await flow.row(inboxId))["result"]).toMatchObject({ stopped: true });
	});

	test("of a finished turn, of none and of nonsense does nothing", async () => {
		const node = flow.start({ channel: createFakeChannel() });
		const { inboxId } = await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		for (const id of [inboxId, "999999", "x", "-1", ""]) expect(await requestStop(flow.db, id)).toBe(false);
	});

	test("finds what runs in a lane, and only that", async () => {
		const node = flow.start({ channel: createFakeChannel(), handle: untilAborted });
		const first = await node.accept({ chatId: "1", text: "long" });
		await node.accept({ chatId: "1", text: "waits" });
		await pollUntil(() => node.turns.length === 1);
		expect(await findRunningTurn(flow.db, "telegram:7:1")).toMatchObject({
			inboxId: first.inboxId,
			body: { text: "long" },
		});
		expect(await findRunningTurn(flow.db, "telegram:7:2")).toBeUndefined();
		await flow.db.raw("update inbox set stop_requested_at = now()");
		node.hints.emit("stop", first.inboxId);
		await flow.settle();
		expect(await findRunningTurn(flow.db, "telegram:7:1")).toBeUndefined();
	});
});

describe("the stop of a node", () => {
	test("lets running turns finish and takes no new ones", async () => {
		const channel = createFakeChannel();
		let release: () => void = () => undefined;
		const busy = new Promise<void>((resolve) => {
			release = resolve;
		});
		const node = flow.start({
			channel,
			handle: async (turn) => {
				await busy;
				return await echo(turn);
			},
		});
		await node.accept({ chatId: "1", text: "a" });
		await pollUntil(() => node.turns.length === 1);
		const stopped = node.worker.stop();
		await node.accept({ chatId: "2", text: "b" });
		release();
		await stopped;
		expect(channel.visible("1")).toEqual(["<p>re: a</p>"]);
		expect(channel.visible("2")).toEqual([]);
		expect(node.worker.hasRoom()).toBe(false);
	});

	test("gives what does not finish to another node at once, without counting the attempt", async () => {
		const channel = createFakeChannel();
		const node = flow.start({ channel, handle: untilAborted, stopGraceMs: 50 });
		const { inboxId } = await node.accept({ chatId: "1", text: "a" });
		await pollUntil(() => node.turns.length === 1);
		await node.worker.stop();
		expect(node.turns[0]?.signal.reason).toBe("fenced");
		const other = flow.start({ channel });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>re: a</p>"]);
		expect(other.turns.map((turn) => turn.attempt)).toEqual([1]);
		expect((await flow.row(inboxId))["attempts"]).toBe(1);
	});
});
