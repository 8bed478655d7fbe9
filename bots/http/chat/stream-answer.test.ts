import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createParser } from "eventsource-parser";
import { GOOD_KEY } from "../testing/fake-core.ts";
import { openRawSocket } from "../testing/raw-socket.ts";
import type { TestIngress } from "../testing/start-ingress.ts";
import { startTestIngress } from "../testing/start-ingress.ts";

let it: TestIngress;

beforeEach(async () => {
	it = await startTestIngress({ chatLimits: { requestsPerMinute: 10_000 } });
	it.core.behaviour.answer = undefined;
});

afterEach(async () => {
	await it.close();
});

type Seen = { readonly event: string; readonly data: Record<string, unknown> };

/** A reader of one stream; `seen` grows as events come. */
async function openStream(body: object = {}, headers: Record<string, string> = {}) {
	const seen: Seen[] = [];
	const comments: string[] = [];
	const controller = new AbortController();
	const response = await fetch(`${it.origin}/v1/chat`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${GOOD_KEY}`,
			"content-type": "application/json",
			accept: "text/event-stream",
			...headers,
		},
		body: JSON.stringify({ message: "hi", ...body }),
		signal: controller.signal,
	});
	const parser = createParser({
		onEvent: (event) => seen.push({ event: event.event ?? "", data: JSON.parse(event.data) }),
		onComment: (comment) => comments.push(comment),
	});
	const ended = (async () => {
		const decoder = new TextDecoder();
		for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
	})().catch(() => {});
	return { response, seen, comments, ended, leave: () => controller.abort() };
}

async function until(isTrue: () => boolean): Promise<void> {
	for (let turn = 0; turn < 3_000 && !isTrue(); turn += 1) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	expect(isTrue()).toBe(true);
}

describe("a stream", () => {
	test("sends the head at once, deltas as the text grows, and one done", async () => {
		const stream = await openStream();
		expect(stream.response.status).toBe(200);
		expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
		expect(stream.response.headers.get("x-content-type-options")).toBe("nosniff");
		it.core.grow("1", "Hel");
		it.core.grow("1", "Hello\nthere");
		await until(() => stream.seen.length === 2);
		it.core.finish("1", {
			replies: [{ markdown: "Hello\nthere, you" }],
			usage: { inputTokens: 1, outputTokens: 2, chargedTokens: 3 },
		});
		await stream.ended;
		expect(stream.seen).toEqual([
			{ event: "delta", data: { text: "Hel" } },
			{ event: "delta", data: { text: "lo\nthere" } },
			{ event: "delta", data: { text: ", you" } },
			{
				event: "done",
				data: {
					id: "1",
					conversation: "default",
					message: "Hello\nthere, you",
					replies: [{ markdown: "Hello\nthere, you" }],
					usage: { inputTokens: 1, outputTokens: 2, chargedTokens: 3 },
				},
			},
		]);
		expect(it.core.watchers()).toBe(0);
		expect(it.core.stopped).toEqual([]);
	});

	test("is also asked for in the body", async () => {
		const stream = await openStream({ stream: true }, { accept: "*/*" });
		it.core.finish("1", { replies: [{ markdown: "whole" }] });
		await stream.ended;
		expect(stream.seen.map((it) => it.event)).toEqual(["delta", "done"]);
	});

	test("of a turn that ran elsewhere gives the text in one piece", async () => {
		it.core.behaviour.answer = () => ({ replies: [{ markdown: "from another node" }] });
		const stream = await openStream();
		await stream.ended;
		expect(stream.seen[0]).toEqual({ event: "delta", data: { text: "from another node" } });
	});

	test("starts over when a repeated attempt says something else", async () => {
		const stream = await openStream();
		it.core.grow("1", "First try");
		it.core.grow("1", "Second");
		it.core.finish("1", { replies: [{ markdown: "Second try" }] });
		await stream.ended;
		expect(stream.seen.slice(0, -1)).toEqual([
			{ event: "delta", data: { text: "First try" } },
			{ event: "restart", data: {} },
			{ event: "delta", data: { text: "Second" } },
			{ event: "delta", data: { text: " try" } },
		]);
	});

	test("ends a failed turn with an error event in our form", async () => {
		const stream = await openStream();
		it.core.grow("1", "Half");
		it.core.finish("1", { replies: [], error: { code: "ROUTER_TIMEOUT", retryable: true } });
		await stream.ended;
		expect(stream.seen.at(-1)).toMatchObject({
			event: "error",
			data: { id: "1", error: { code: "ROUTER_TIMEOUT", retryable: true } },
		});
	});

	test("is refused before it begins with a plain status", async () => {
		const stream = await openStream({ conversation: "not ok" });
		expect(stream.response.status).toBe(400);
		expect(stream.response.headers.get("content-type")).toContain("application/json");
		await stream.ended;
	});

	test("that lasts too long ends with how to fetch the answer, and keeps the bill running", async () => {
		const other = await startTestIngress({ chatLimits: { streamWaitMs: 20 } });
		other.core.behaviour.answer = undefined;
		const answer = await other.post({ message: "hi", stream: true });
		expect(answer.text).toContain("event: error");
		expect(answer.text).toContain("ROUTER_TIMEOUT");
		expect(other.core.stopped).toEqual([]);
		await other.close();
	});

	test("is kept alive by comments while nothing comes", async () => {
		const other = await startTestIngress({ chatLimits: { keepAliveMs: 5, streamWaitMs: 60 } });
		other.core.behaviour.answer = undefined;
		const answer = await other.post({ message: "hi", stream: true });
		expect(answer.text).toContain(": keep-alive\n\n");
		await other.close();
	});

	test("is told when this node stops, and the bill goes on for the next node", async () => {
		const other = await startTestIngress({ limits: { stopGraceMs: 20, stopCutMs: 500 } });
		other.core.behaviour.answer = undefined;
		const answer = other.post({ message: "hi", stream: true });
		await until(() => other.core.events.length === 1);
		await other.stop();
		expect((await answer).text).toContain("event: error");
		expect(other.core.stopped).toEqual([]);
		await other.close();
	});
});

describe("a client that leaves", () => {
	test("at the first byte stops the turn and leaves nothing behind", async () => {
		const stream = await openStream();
		stream.leave();
		await stream.ended;
		await until(() => it.core.stopped.length === 1);
		it.core.grow("1", "into the void");
		it.core.finish("1", { replies: [{ markdown: "void" }], stopped: true });
		await until(() => it.core.watchers() === 0);
		expect((await it.get("/healthz")).status).toBe(200);
	});

	test("in the middle of a hundred streams crashes nothing and stops each turn once", async () => {
		const streams = await Promise.all(Array.from({ length: 100 }, async () => await openStream()));
		expect(it.core.events).toHaveLength(100);
		for (const [index, stream] of streams.entries()) {
			it.core.grow(String(index + 1), "some text");
			stream.leave();
		}
		await until(() => it.core.stopped.length === 100);
		await until(() => it.core.watchers() === 0);
		expect(new Set(it.core.stopped).size).toBe(100);
		expect((await it.get("/readyz")).status).toBe(200);
	});

	test("while another waits under the same key stops nothing", async () => {
		const headers = { "idempotency-key": "shared" };
		const first = await openStream({}, headers);
		const second = await openStream({}, headers);
		first.leave();
		await first.ended;
		it.core.grow("1", "go on");
		await until(() => second.seen.length === 1);
		it.core.finish("1", { replies: [{ markdown: "go on" }] });
		await second.ended;
		expect(second.seen.at(-1)).toMatchObject({ event: "done" });
		expect(it.core.stopped).toEqual([]);
	});

	test("after the answer stops nothing", async () => {
		const stream = await openStream();
		it.core.finish("1", { replies: [{ markdown: "done" }] });
		await stream.ended;
		stream.leave();
		expect((await it.get("/healthz")).status).toBe(200);
		expect(it.core.stopped).toEqual([]);
	});
});

describe("a client that does not read", () => {
	test("costs no memory for every step of the text, and is cut when it never catches up", async () => {
		const other = await startTestIngress({ chatLimits: { drainTimeoutMs: 100 } });
		other.core.behaviour.answer = undefined;
		const raw = await openRawSocket(other.port);
		raw.socket.pause();
		const body = '{"message":"hi","stream":true}';
		raw.write(
			`POST /v1/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		);
		await until(() => other.core.watchers() === 1);
		let text = "";
		for (let step = 0; step < 400; step += 1) {
			text += "x".repeat(50_000);
			other.core.grow("1", text);
		}
		await until(() => other.core.stopped.length === 1);
		await until(() => other.core.watchers() === 0);
		raw.destroy();
		await other.close();
	});
});

describe("a key that is revoked while its answer is on the way", () => {
	beforeEach(async () => {
		await it.close();
		it = await startTestIngress({ chatLimits: { keyCheckMs: 20 } });
		it.core.behaviour.answer = undefined;
	});

	test("ends the stream with 401 and stops the turn", async () => {
		const stream = await openStream({}, { "idempotency-key": "mine" });
		it.core.grow("1", "Hel");
		await until(() => stream.seen.length === 1);
		it.core.behaviour.keyRevoked = true;
		await stream.ended;
		expect(stream.seen.at(-1)).toMatchObject({
			event: "error",
			data: { error: { code: "AUTH_INVALID_CREDENTIALS" } },
		});
		await until(() => it.core.stopped.length === 1);
	});

	test("ends a JSON request with 401", async () => {
		const answer = it.post({ message: "hi" }, { "idempotency-key": "mine" });
		await until(() => it.core.events.length === 1);
		it.core.behaviour.keyRevoked = true;
		expect((await answer).status).toBe(401);
		await until(() => it.core.stopped.length === 1);
	});
});
