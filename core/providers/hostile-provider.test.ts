import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Egress } from "../egress/create-egress.ts";
import { createEgress } from "../egress/create-egress.ts";
import type { CollectedAnswer } from "../testing/collect-answer.ts";
import { collectAnswer } from "../testing/collect-answer.ts";
import { eventually } from "../testing/eventually.ts";
import type { FakeAnswer, FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import { createAnthropicProvider } from "./anthropic.ts";
import { createOpenAiProvider } from "./openai-compatible.ts";
import type { ProviderTimeouts } from "./provider.ts";

let egress: Egress;
let server: FakeProviderServer;

beforeAll(() => {
	egress = createEgress();
});
afterAll(async () => await egress.close());
beforeEach(async () => {
	server = await createFakeProviderServer();
});
afterEach(async () => await server.close());

/** Longer than a busy machine needs; tests of a time-out name their own. */
const PATIENT: ProviderTimeouts = { connectMs: 5_000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 20_000 };
const SSE = { "content-type": "text/event-stream" };

describe.each(["openai", "anthropic"] as const)("bad input 46, %s", (dialect) => {
	async function ask(answer: FakeAnswer, timeouts: Partial<ProviderTimeouts> = {}): Promise<CollectedAnswer> {
		server.answerAlways(answer);
		const create = dialect === "openai" ? createOpenAiProvider : createAnthropicProvider;
		return await collectAnswer(
			create({ egress }).stream(
				{
					providerId: "test",
					baseUrl: server.baseUrl(dialect),
					apiKey: "sk-hush-hush",
					allowPrivateNetwork: true,
					timeouts: { ...PATIENT, ...timeouts },
				},
				{ model: "m", messages: [{ role: "user", content: "hi" }], maxOutputTokens: 100 },
				new AbortController().signal,
			),
		);
	}

	test("200 with HTML is a failure, not an answer", async () => {
		const answer = await ask({
			kind: "raw",
			write: (response) => {
				response.writeHead(200, { "content-type": "text/html" });
				response.end("<html>captive portal</html>");
			},
		});
		expect(answer).toMatchObject({
			text: "",
			error: { code: "ROUTER_NO_PROVIDER", details: { cause: "protocol" } },
		});
	});

	test("200 with JSON instead of a stream is a failure", async () => {
		const answer = await ask({ kind: "status", status: 200, body: "{}" });
		expect(answer).toMatchObject({ text: "", error: { code: "ROUTER_NO_PROVIDER" } });
	});

	test("HTML inside an event stream is a failure after the text that came", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 1, follow: "garbage" } });
		expect(answer).toMatchObject({ text: "hel", error: { code: "ROUTER_NO_PROVIDER" } });
	});

	test("a stream that ends before its first text failed", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 0, follow: "end" } });
		expect(answer).toMatchObject({ text: "", error: { code: "ROUTER_NO_PROVIDER" } });
	});

	test("a stream that ends in the middle is cut, and says so", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 1, follow: "end" } });
		expect(answer).toMatchObject({ text: "hel", finishReason: "cut", error: undefined, usage: undefined });
	});

	test("a socket that breaks in the middle throws after the text that came", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 1, follow: "cut" } });
		expect(answer).toMatchObject({ text: "hel", error: { code: "ROUTER_NO_PROVIDER" } });
	});

	test("an error object in the middle throws after the text that came", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 1, follow: "error" } });
		expect(answer).toMatchObject({ text: "hel", error: { code: "ROUTER_NO_PROVIDER" } });
		expect(String(answer.error)).toContain("scripted failure");
	});

	test("a missing last event does no harm when the answer said why it ended", async () => {
		const answer = await ask({ kind: "text", terminator: false, usage: { input: 7, output: 3 } });
		expect(answer).toMatchObject({
			text: "hello",
			finishReason: "stop",
			usage: { inputTokens: 7, outputTokens: 3 },
		});
	});

	test.each([
		["none", "none"],
		["negative", { input: 5, output: -3 }],
		["huge", { input: 5, output: 1e12 }],
		["text", { input: 5, output: "3" }],
		["fractional", { input: 5, output: 2.5 }],
		["null", { input: 5, output: null }],
		["negative input", { input: -1, output: 3 }],
	] as const)("usage that is %s counts as not reported", async (_, usage) => {
		const answer = await ask({ kind: "text", usage });
		expect(answer).toMatchObject({ text: "hello", finishReason: "stop", usage: undefined });
	});

	test("one line of 100 MB is cut off at its cap", async () => {
		let written = 0;
		const answer = await ask({
			kind: "raw",
			async write(response) {
				response.writeHead(200, SSE);
				response.write("data: ");
				const block = "x".repeat(256 * 1024);
				while (written < 100 * 1024 * 1024 && !response.destroyed) {
					written += block.length;
					if (!response.write(block)) await sleep(1);
				}
			},
		});
		expect(answer).toMatchObject({ text: "", error: { details: { cause: "protocol" } } });
		expect(written).toBeLessThan(30 * 1024 * 1024);
	});

	test("endless comments reach the cap on bytes", async () => {
		const answer = await ask({
			kind: "raw",
			async write(response) {
				response.writeHead(200, SSE);
				const block = ": keep alive\n\n".repeat(20_000);
				while (!response.destroyed) if (!response.write(block)) await sleep(1);
			},
		});
		expect(String(answer.error)).toContain("too long");
	});

	test("a stream that drips for ever meets the total time-out", async () => {
		const answer = await ask(
			{ kind: "text", pieces: Array.from({ length: 10_000 }, () => "x"), gapMs: 20 },
			{ totalMs: 300 },
		);
		expect(answer.text.length).toBeGreaterThan(1);
		expect(answer.error).toMatchObject({ code: "ROUTER_TIMEOUT" });
		await eventually(() => server.openConnectionCount() === 0);
	});

	test("silence before the head meets the first-byte time-out", async () => {
		const answer = await ask({ kind: "hang" }, { firstByteMs: 200 });
		expect(answer).toMatchObject({ text: "", error: { code: "ROUTER_TIMEOUT" } });
		await eventually(() => server.openConnectionCount() === 0);
	});

	test("silence in the middle meets the idle time-out", async () => {
		const answer = await ask({ kind: "text", after: { pieces: 1, follow: "hang" } }, { idleMs: 200 });
		expect(answer).toMatchObject({ text: "hel", error: { code: "ROUTER_TIMEOUT" } });
		await eventually(() => server.openConnectionCount() === 0);
	});

	test("a stream that never closes after its last event does not hold the caller", async () => {
		const answer = await ask({
			kind: "raw",
			write(response) {
				response.writeHead(200, SSE);
				response.write(
					dialect === "openai"
						? 'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
						: 'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"hi"}}\n\n' +
								'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n' +
								'event: message_stop\ndata: {"type":"message_stop"}\n\n',
				);
			},
		});
		expect(answer).toMatchObject({ text: "hi", finishReason: "stop", error: undefined });
		await eventually(() => server.openConnectionCount() === 0);
	});

	test.each([
		["5", 5_000],
		["1000000000", 60_000],
		["1e9", undefined],
		["-5", undefined],
		["nonsense", undefined],
		["Fri, 01 Jan 2100 00:00:00 GMT", 60_000],
		["Thu, 01 Jan 1970 00:00:00 GMT", 0],
	])("429 with Retry-After %s asks for a pause of %s ms", async (header, retryAfterMs) => {
		const answer = await ask({ kind: "status", status: 429, headers: { "retry-after": header } });
		expect(answer.error).toMatchObject({ code: "ROUTER_RATE_LIMITED", retryable: true });
		expect(answer.error).toHaveProperty("details", {
			status: 429,
			...(retryAfterMs === undefined ? {} : { retryAfterMs }),
		});
	});

	test.each([
		[400, "REQUEST_INVALID", "provider-refused"],
		[413, "REQUEST_INVALID", "too-long"],
		[422, "REQUEST_INVALID", "provider-refused"],
		[401, "ROUTER_NO_PROVIDER", "credentials"],
		[402, "ROUTER_NO_PROVIDER", "credentials"],
		[403, "ROUTER_NO_PROVIDER", "credentials"],
		[404, "ROUTER_NO_PROVIDER", "status"],
		[408, "ROUTER_TIMEOUT", undefined],
		[500, "ROUTER_NO_PROVIDER", "status"],
		[502, "ROUTER_NO_PROVIDER", "status"],
		[504, "ROUTER_TIMEOUT", undefined],
		[529, "ROUTER_RATE_LIMITED", undefined],
		[301, "ROUTER_NO_PROVIDER", "status"],
		[204, "ROUTER_NO_PROVIDER", "status"],
	])("status %i is %s", async (status, code, why) => {
		const { error } = await ask({ kind: "status", status, body: "" });
		expect(error).toMatchObject({ code, details: { status } });
		const { details } = error as { details: Record<string, unknown> };
		expect(details["cause"] ?? details["reason"]).toBe(why);
	});

	test("our key is not repeated in what the log gets, and an endless error body is cut", async () => {
		const { error } = await ask({
			kind: "raw",
			async write(response) {
				response.writeHead(401, { "content-type": "application/json" });
				response.write('{"error":{"message":"wrong key sk-hush-hush\\r\\nforged: line"}}');
				while (!response.destroyed) if (!response.write(" ".repeat(4_096))) await sleep(1);
			},
		});
		expect(String(error)).toContain("wrong key [key]");
		expect(String(error)).not.toContain("hush");
		expect(String(error)).not.toMatch(/[\r\n]/);
	});

	test("nobody listening is unreachable", async () => {
		await server.close();
		const answer = await ask({ kind: "hang" }, { firstByteMs: 200 });
		expect(answer.error).toMatchObject({ code: "ROUTER_NO_PROVIDER", details: { cause: "unreachable" } });
		server = await createFakeProviderServer();
	});

	test("a connection dropped before the answer is a failure", async () => {
		const answer = await ask({ kind: "drop" });
		expect(answer).toMatchObject({ text: "", error: { code: "ROUTER_NO_PROVIDER" } });
	});

	test("a compressed stream is refused rather than unpacked", async () => {
		const answer = await ask({
			kind: "raw",
			write(response) {
				response.writeHead(200, { ...SSE, "content-encoding": "gzip" });
				response.end("data: [DONE]\n\n");
			},
		});
		expect(answer.error).toMatchObject({ code: "ROUTER_NO_PROVIDER" });
	});
});
