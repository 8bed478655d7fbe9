import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createEgress } from "../egress/create-egress.ts";
import { collectAnswer } from "../testing/collect-answer.ts";
import { eventually } from "../testing/eventually.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import { createAnthropicProvider } from "./anthropic.ts";
import { createDemoProvider } from "./demo.ts";
import { createOpenAiProvider } from "./openai-compatible.ts";
import type { Provider, ProviderEndpoint, ProviderRequest } from "./provider.ts";

const LONG = Array.from({ length: 200 }, (_, index) => `word${index} `);

const egress = createEgress();
const openai = createOpenAiProvider({ egress });
const anthropic = createAnthropicProvider({ egress });
const demo = createDemoProvider({
	countTokens: (text) => Math.ceil(text.length / 4),
	wouldUse: { "demo-smart": "Anthropic claude-sonnet-4-5" },
	pauseMs: 1,
});
const fake = await createFakeProviderServer();
const aimock = new LLMock({ port: 0 });

beforeAll(async () => {
	fake.answerAlways({ kind: "text", pieces: LONG, gapMs: 1, usage: { input: 12, output: 400 } });
	aimock.onMessage(
		/.*/,
		{ content: LONG.join(""), usage: { prompt_tokens: 12, completion_tokens: 400 } },
		{ latency: 2, chunkSize: 40 },
	);
	await aimock.start();
});

afterAll(async () => {
	await egress.close();
	await fake.close();
	await aimock.stop();
});

const request: ProviderRequest = {
	model: "gpt-4.1",
	messages: [
		{ role: "system", content: "You are brief." },
		{ role: "user", content: "Tell me something." },
	],
	maxOutputTokens: 1_000,
	userTag: "a-17",
};

function endpoint(baseUrl: string): ProviderEndpoint {
	return {
		providerId: "test",
		baseUrl,
		apiKey: "sk-test-key",
		allowPrivateNetwork: true,
		timeouts: { connectMs: 1_000, firstByteMs: 2_000, idleMs: 2_000, totalMs: 10_000 },
	};
}

const adapters: readonly [string, Provider, () => string][] = [
	["openai-compatible", openai, () => fake.baseUrl("openai")],
	["anthropic", anthropic, () => fake.baseUrl("anthropic")],
	["openai-compatible against aimock", openai, () => `${aimock.url}/v1`],
	["anthropic against aimock", anthropic, () => aimock.url],
	["demo", demo, () => "demo:"],
];

describe.each(adapters)("%s", (_, provider, baseUrl) => {
	test("streams text in pieces, then says once how it ended and what it cost", async () => {
		const answer = await collectAnswer(
			provider.stream(endpoint(baseUrl()), request, new AbortController().signal),
		);
		expect(answer.error).toBeUndefined();
		expect(answer.pieces).toBeGreaterThan(1);
		expect(answer.text.length).toBeGreaterThan(100);
		expect(answer.finishReason).toBe("stop");
		expect(answer.usage?.inputTokens).toBeGreaterThan(0);
		expect(answer.usage?.outputTokens).toBeGreaterThan(0);
	});

	test("stops with the caller's reason when aborted, before the first text", async () => {
		const controller = new AbortController();
		controller.abort(new Error("fenced"));
		const answer = await collectAnswer(provider.stream(endpoint(baseUrl()), request, controller.signal));
		expect(answer).toMatchObject({ text: "", error: { message: "fenced" } });
	});

	test("stops with the caller's reason when aborted in mid-stream", async () => {
		const controller = new AbortController();
		const events = provider.stream(endpoint(baseUrl()), request, controller.signal);
		let text = "";
		const reading = (async () => {
			for await (const event of events) {
				if (event.kind === "text") text += event.text;
				controller.abort(new Error("stopped"));
			}
		})();
		await expect(reading).rejects.toThrow("stopped");
		expect(text).not.toBe("");
	});

	test("a reader may leave whenever it likes", async () => {
		for await (const event of provider.stream(endpoint(baseUrl()), request, new AbortController().signal)) {
			expect(event.kind).toBe("text");
			break;
		}
	});
});

test("leaving or aborting frees the socket upstream", async () => {
	await eventually(() => fake.openConnectionCount() <= 2);
	const before = fake.openConnectionCount();
	for (const provider of [openai, anthropic]) {
		const events = provider.stream(
			endpoint(fake.baseUrl(provider.dialect === "openai" ? "openai" : "anthropic")),
			request,
			new AbortController().signal,
		);
		for await (const _ of events) break;
	}
	await eventually(() => fake.openConnectionCount() <= before);
});

test("each dialect sends the key, the limit and the conversation in its own way", async () => {
	const signal = new AbortController().signal;
	await collectAnswer(openai.stream(endpoint(`${fake.baseUrl("openai")}/`), request, signal));
	expect(fake.requests.at(-1)).toMatchObject({
		path: "/v1/chat/completions",
		headers: { authorization: "Bearer sk-test-key" },
		body: {
			model: "gpt-4.1",
			max_tokens: 1_000,
			stream: true,
			stream_options: { include_usage: true },
			user: "a-17",
			messages: request.messages,
		},
	});
	const odd: ProviderRequest = {
		...request,
		messages: [{ role: "assistant", content: "(cut)" }, ...request.messages, { role: "user", content: " " }],
	};
	await collectAnswer(anthropic.stream(endpoint(fake.baseUrl("anthropic")), odd, signal));
	expect(fake.requests.at(-1)).toMatchObject({
		path: "/v1/messages",
		headers: { "x-api-key": "sk-test-key", "anthropic-version": "2023-06-01" },
		body: {
			max_tokens: 1_000,
			system: "You are brief.",
			metadata: { user_id: "a-17" },
			messages: [{ role: "user", content: "Tell me something." }],
		},
	});
});
