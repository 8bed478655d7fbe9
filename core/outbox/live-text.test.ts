import { describe, expect, test } from "@jest/globals";
import type { FakeCall } from "../testing/fake-channel.ts";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { createCooldown } from "./cooldown.ts";
import { createLiveText } from "./live-text.ts";

const flow = useMessageFlow();

/** A pipeline that writes a word at a time, each when the test has seen what it wanted of the one before. */
function words(steps: readonly (readonly [string, () => boolean | Promise<boolean>])[]) {
	return async (turn: { onText(text: string): void }) => {
		let text = "";
		for (const [word, isSeen] of steps) {
			turn.onText(word);
			text += word;
			await pollUntil(isSeen);
		}
		return toAnswer(text);
	};
}

function texts(calls: readonly FakeCall[], method: FakeCall["method"]): string[] {
	return calls.filter((call) => call.method === method).map((call) => call.text);
}

describe("a private chat", () => {
	test("sees drafts grow, and gets placeholder and answer only after the answer is stored", async () => {
		const channel = createFakeChannel();
		const drafts = () => texts(channel.calls, "draft");
		const node = flow.start({
			channel,
			handle: words([
				["one ", () => drafts().includes("one ")],
				["two", () => drafts().includes("one two")],
			]),
		});
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>one two</p>"]);
		const methods = channel.calls.filter((call) => call.method !== "typing").map((call) => call.method);
		expect(methods).toEqual(["draft", "draft", "send", "edit"]);
		expect(
			new Set(channel.calls.filter((call) => call.method === "draft").map((call) => call.messageId)).size,
		).toBe(1);
	});

	test("gets its answer although every draft is refused", async () => {
		const channel = createFakeChannel();
		channel.script((call) =>
			call.method === "draft" ? { result: { kind: "refused", why: "unknown method" } } : undefined,
		);
		const node = flow.start({
			channel,
			handle: words([
				["one", () => texts(channel.calls, "draft").length === 1],
				[" two", () => true],
			]),
		});
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(channel.visible("1")).toEqual(["<p>one two</p>"]);
		expect(texts(channel.calls, "draft")).toHaveLength(1);
	});

	test("told to rest (429) sees no further draft, and the answer afterwards", async () => {
		const channel = createFakeChannel();
		channel.script((call) =>
			call.method === "draft" ? { result: { kind: "not-sent", why: "429", retryAfterMs: 300 } } : undefined,
		);
		const node = flow.start({
			channel,
			handle: words([
				["one", () => texts(channel.calls, "draft").length === 1],
				[" two", () => true],
			]),
		});
		await node.accept({ chatId: "1", text: "hi" });
		await flow.settle();
		expect(texts(channel.calls, "draft")).toHaveLength(1);
		expect(channel.visible("1")).toEqual(["<p>one two</p>"]);
	});
});

describe("a group", () => {
	const inGroup = { chatId: "-1", kind: "group", userId: "5", text: "hi", messageId: "9" } as const;

	test("sees a placeholder with the first words, edits, and the final text in the same message", async () => {
		const channel = createFakeChannel();
		const versions = () => channel.messages[0]?.versions ?? [];
		const node = flow.start({
			channel,
			handle: words([
				["one ", () => versions().includes("<p>one  …</p>")],
				["two", () => versions().includes("<p>one two …</p>")],
			]),
		});
		await node.accept(inGroup);
		await flow.settle();
		expect(channel.messages).toHaveLength(1);
		expect(channel.messages[0]).toMatchObject({
			replyTo: "9",
			versions: ["…", "<p>one  …</p>", "<p>one two …</p>", "<p>one two</p>"],
		});
	});

	test("with nothing left to say: the placeholder does not stay", async () => {
		const channel = createFakeChannel();
		const node = flow.start({
			channel,
			handle: async (turn) => {
				turn.onText("half");
				await pollUntil(() => channel.messages.length === 1);
				return toAnswer();
			},
		});
		await node.accept(inGroup);
		await flow.settle();
		expect(channel.visible("-1")).toEqual(["<p>Stopped.</p>"]);
	});

	test("with a placeholder of which nobody knows gets a new one after the answer is stored", async () => {
		const channel = createFakeChannel();
		let isFirst = true;
		channel.script((call) => {
			if (call.method !== "send" || !isFirst) return undefined;
			isFirst = false;
			return { result: { kind: "unknown", why: "time-out" }, isDone: true };
		});
		const node = flow.start({ channel, handle: words([["one", () => !isFirst]]) });
		await node.accept(inGroup);
		await flow.settle();
		expect(channel.visible("-1")).toEqual(["…", "<p>one</p>"]);
	});
});

describe("live text", () => {
	const chat = { platform: "telegram", botId: "7", id: "1", kind: "private" } as const;

	test("has one request in flight at a time, and close waits for it", async () => {
		const channel = createFakeChannel();
		let inFlight = 0;
		let most = 0;
		let release: () => void = () => undefined;
		channel.script(async () => {
			inFlight += 1;
			most = Math.max(most, inFlight);
			await new Promise<void>((resolve) => {
				release = resolve;
			});
			inFlight -= 1;
			return undefined;
		});
		const live = createLiveText({
			channel,
			chat,
			draftId: 1,
			cooldown: createCooldown(),
			isLive: () => true,
			openPlaceholder: async () => undefined,
		});
		live.push("a");
		await pollUntil(() => inFlight === 1);
		live.push("b");
		let isClosed = false;
		const closed = live.close().then(() => {
			isClosed = true;
		});
		await new Promise((resolve) => setImmediate(resolve));
		expect(isClosed).toBe(false);
		release();
		await closed;
		live.push("c");
		expect([most, channel.calls.length]).toEqual([1, 1]);
	});

	test("shows nothing once the lease may be lost", async () => {
		const channel = createFakeChannel();
		let looks = 0;
		const live = createLiveText({
			channel,
			chat,
			draftId: 1,
			cooldown: createCooldown(),
			isLive: () => {
				looks += 1;
				return false;
			},
			openPlaceholder: async () => "1",
		});
		live.push("a");
		await pollUntil(() => looks > 0);
		await live.close();
		expect(channel.calls).toEqual([]);
	});

	test("shows typing while a turn takes long, and not for what nobody answers", async () => {
		const channel = createFakeChannel();
		const options = {
			channel,
			chat,
			draftId: 1,
			cooldown: createCooldown(),
			isLive: () => true,
			openPlaceholder: async () => undefined,
		};
		const quiet = createLiveText({ ...options, isQuiet: true, chat: { ...chat, id: "quiet" } });
		const live = createLiveText(options);
		await pollUntil(() => channel.calls.length > 0);
		await Promise.all([live.close(), quiet.close()]);
		expect(channel.calls).toEqual([{ method: "typing", chatId: "1", text: "" }]);
	});
});
