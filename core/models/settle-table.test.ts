import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createAnthropicProvider } from "../providers/anthropic.ts";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import { eventually } from "../testing/eventually.ts";
import type { FakeAnswer, FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import type { ModelCallResult, Models } from "./model-call.ts";

/** "hello" is one token: 1 + 4 + 3 of the format. */
const INPUT = 8;
const WORDS = Array.from({ length: 50 }, () => " word");

let world: ModelsWorld;
let server: FakeProviderServer;
let models: Models & { close(): void };
let accountId: string;

beforeAll(async () => {
	world = await createModelsWorld((egress) => [
		createOpenAiProvider({ egress }),
		createAnthropicProvider({ egress }),
	]);
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	server = await createFakeProviderServer();
	accountId = await world.openAccount({ dailyTokens: 10_000 });
	models = world.createModels();
	await world.db.raw("delete from usage_log");
});
afterEach(async () => {
	models.close();
	await server.close();
	expect(await world.violations()).toEqual([]);
});

describe.each(["openai", "anthropic"] as const)("settle table over %s", (dialect) => {
	beforeEach(async () => {
		await world.setRoutes({ providerId: "kimi", dialect, baseUrl: server.baseUrl(dialect), region: "cn" });
	});

	async function call(answer: FakeAnswer, signal = new AbortController().signal): Promise<ModelCallResult> {
		server.answerAlways(answer);
		return await models.call(world.request(accountId), signal);
	}

	async function availableAfter(result: ModelCallResult): Promise<number> {
		await world.commit(result);
		return await world.availableTokens(accountId);
	}

	test("a whole answer costs what the provider reports", async () => {
		const result = await call({ kind: "text", pieces: WORDS, usage: { input: 11, output: 60 } });
		expect(result).toMatchObject({
			text: WORDS.join(""),
			outcome: "complete",
			route: { provider: "kimi", model: "kimi-model", region: "cn" },
			usage: { inputTokens: 11, outputTokens: 60, tokensOrigin: "reported", outcome: "complete" },
		});
		expect(await availableAfter(result)).toBe(10_000 - 71);
		expect(await world.usageRows()).toMatchObject([
			{ provider_id: "kimi", model: "kimi-model", region: "cn", policy: "BEST", charged_micro: "71000000" },
		]);
	});

	test("nothing is charged before the caller commits", async () => {
		const result = await call({ kind: "text", pieces: WORDS, usage: { input: 11, output: 60 } });
		expect(await world.availableTokens(accountId)).toBe(10_000 - 509);
		expect(await availableAfter(result)).toBe(10_000 - 71);
	});

	test.each([
		["is not reported", "none"],
		["is negative", { input: 11, output: -60 }],
		["is huge", { input: 11, output: 1e12 }],
		["is text", { input: 11, output: "60" }],
		["is less than what was delivered", { input: 11, output: 30 }],
		["is more than was asked for", { input: 11, output: 501 }],
		["claims more input than there are bytes", { input: 100_000, output: 60 }],
		["claims no input", { input: 0, output: 60 }],
	] as const)("usage that %s is replaced by the count", async (_, usage) => {
		const result = await call({ kind: "text", pieces: WORDS, usage });
		expect(result.usage).toMatchObject({ inputTokens: INPUT, outputTokens: 50, tokensOrigin: "counted" });
		expect(await availableAfter(result)).toBe(10_000 - INPUT - 50);
	});

	test("a stream cut after text costs what was delivered", async () => {
		for (const follow of ["cut", "end", "error", "hang"] as const) {
			const account = await world.openAccount({ dailyTokens: 10_000 });
			server.answerAlways({ kind: "text", pieces: WORDS, after: { pieces: 20, follow } });
			const result = await models.call(world.request(account), new AbortController().signal);
			expect(result).toMatchObject({
				text: WORDS.slice(0, 20).join(""),
				outcome: "cut",
				usage: { outputTokens: 20, tokensOrigin: "counted", outcome: "cut" },
			});
			await world.commit(result);
			expect(await world.availableTokens(account)).toBe(10_000 - INPUT - 20);
		}
	});

	test("an answer that is stopped costs what was delivered, and upstream is cut", async () => {
		server.answerAlways({ kind: "text", pieces: Array.from({ length: 2_000 }, () => " word"), gapMs: 5 });
		const controller = new AbortController();
		let text = "";
		const result = await models.call(world.request(accountId), controller.signal, {
			onText(piece) {
				text += piece;
				if (text.length > 50) controller.abort("stopped");
			},
		});
		expect(result).toMatchObject({ text, outcome: "stopped", usage: { outcome: "stopped" } });
		expect(result.usage.outputTokens).toBe(text.length / 5);
		expect(await availableAfter(result)).toBe(10_000 - INPUT - text.length / 5);
		await eventually(() => server.openConnectionCount() === 0);
	});

	test("stopping before the first text costs nothing and throws the reason", async () => {
		server.answerAlways({ kind: "hang" });
		const controller = new AbortController();
		const calling = models.call(world.request(accountId), controller.signal);
		await eventually(() => server.requests.length === 1);
		controller.abort("stopped");
		await expect(calling).rejects.toBe("stopped");
		expect(await world.availableTokens(accountId)).toBe(10_000);
		expect(await world.usageRows()).toMatchObject([{ outcome: "stopped", charged_micro: "0" }]);
		await eventually(() => server.openConnectionCount() === 0);
	});

	test.each([
		["400", { kind: "status", status: 400 }, "REQUEST_INVALID"],
		["401", { kind: "status", status: 401 }, "ROUTER_NO_PROVIDER"],
		["429", { kind: "status", status: 429 }, "ROUTER_RATE_LIMITED"],
		["500", { kind: "status", status: 500 }, "ROUTER_NO_PROVIDER"],
		["silence", { kind: "hang" }, "ROUTER_TIMEOUT"],
		["a dropped connection", { kind: "drop" }, "ROUTER_NO_PROVIDER"],
		["a stream without text", { kind: "text", after: { pieces: 0, follow: "end" } }, "ROUTER_NO_PROVIDER"],
		["an empty answer", { kind: "text", pieces: [] }, "ROUTER_NO_PROVIDER"],
	] as const)("%s before any text costs nothing", async (_, answer, code) => {
		await expect(call(answer)).rejects.toMatchObject({ code });
		expect(await world.availableTokens(accountId)).toBe(10_000);
		const rows = await world.usageRows();
		expect(rows).toHaveLength(1);
		for (const row of rows) {
			expect(row).toMatchObject({
				outcome: "failed",
				charged_micro: "0",
				error_code: code,
				provider_id: "kimi",
			});
		}
	});

	test("an answer at its limit says so; one that was all filtered or all thought costs nothing", async () => {
		const finishReason = dialect === "openai" ? "length" : "max_tokens";
		const result = await call({
			kind: "text",
			pieces: WORDS,
			usage: { input: 11, output: 500 },
			finishReason,
		});
		expect(result).toMatchObject({ outcome: "length", usage: { outcome: "complete" } });
		expect(await availableAfter(result)).toBe(10_000 - 511);
		const nothing = await call({ kind: "text", pieces: [], usage: { input: 11, output: 500 }, finishReason });
		expect(nothing).toMatchObject({ text: "", outcome: "length", settlement: { actualMicro: 0 } });
		expect(await availableAfter(nothing)).toBe(10_000 - 511);
	});

	test("an overrun is paid from what is free, and beyond that by the house", async () => {
		const poor = await world.openAccount({ dailyTokens: 300 });
		const text = "ä".repeat(40);
		server.answerAlways({ kind: "text", pieces: WORDS, usage: { input: 110, output: 250 } });
		const result = await models.call(
			world.request(poor, { messages: [{ role: "user", content: text }] }),
			new AbortController().signal,
		);
		expect(result.usage.tokensOrigin).toBe("reported");
		expect(result.settlement.actualMicro).toBe(360_000_000);
		expect(await world.commit(result)).toBe(300);
		expect(await world.availableTokens(poor)).toBe(0);
	});
});

describe("what is held and sent", () => {
	beforeEach(async () => {
		await world.setRoutes({
			providerId: "kimi",
			baseUrl: server.baseUrl("openai"),
			model: { outputTokensMax: 700, weightMicro: 2_000_000 },
		});
	});

	test("max_tokens is the least of what was asked, what the model can and what is affordable", async () => {
		const signal = new AbortController().signal;
		const sent = async (account: string, outputTokensMax: number): Promise<unknown> => {
			const result = await models.call(world.request(account, { outputTokensMax }), signal);
			await world.commit(result);
			return server.requests.at(-1)?.body["max_tokens"];
		};
		expect(await sent(accountId, 300)).toBe(300);
		expect(await sent(accountId, 5_000)).toBe(700);
		// (1,000 tokens / weight 2) - ceil(1.1 * 8)
		expect(await sent(await world.openAccount({ dailyTokens: 1_000 }), 5_000)).toBe(491);
	});

	test("a weight is paid on every token", async () => {
		server.answerAlways({ kind: "text", usage: { input: 10, output: 20 } });
		const result = await models.call(world.request(accountId), new AbortController().signal);
		expect(await world.commit(result)).toBe(60);
	});

	test("when not even 256 tokens of answer are affordable the call is refused before it is made", async () => {
		const poor = await world.openAccount({ dailyTokens: 2 * (9 + 256) - 1 });
		await expect(models.call(world.request(poor), new AbortController().signal)).rejects.toMatchObject({
			code: "BILLING_QUOTA_EXCEEDED",
			retryable: false,
			details: {
				resetsAt: expect.stringMatching(/^\d{4}-/),
				neededTokens: 530,
				availableTokens: 529,
				zone: "UTC",
			},
		});
		expect(server.requests).toHaveLength(0);
		expect(await world.usageRows()).toEqual([]);
		const justEnough = await world.openAccount({ dailyTokens: 2 * (9 + 256) });
		await models.call(world.request(justEnough), new AbortController().signal);
		expect(server.requests.at(-1)?.body["max_tokens"]).toBe(256);
	});

	test("an account that asks for less than 256 tokens needs no more than those", async () => {
		const poor = await world.openAccount({ dailyTokens: 2 * (9 + 20) });
		await models.call(world.request(poor, { outputTokensMax: 20 }), new AbortController().signal);
		expect(server.requests.at(-1)?.body["max_tokens"]).toBe(20);
	});

	test("50 parallel calls on the last affordable amount: exactly floor(balance / amount) are made", async () => {
		const account = await world.openAccount({ dailyTokens: 7 * 2 * (9 + 200) + 100 });
		server.answerAlways({ kind: "text", usage: { input: 9, output: 200 } });
		const results = await Promise.allSettled(
			Array.from({ length: 50 }, async () => {
				const request = world.request(account, { outputTokensMax: 200 });
				return await models.call(request, new AbortController().signal);
			}),
		);
		const refused = results.filter((each) => each.status === "rejected");
		expect(refused).toHaveLength(43);
		for (const each of refused) expect(each.reason).toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
		expect(server.requests).toHaveLength(7);
		for (const each of results) if (each.status === "fulfilled") await world.commit(each.value);
		expect(await world.availableTokens(account)).toBeLessThan(2 * (9 + 200));
	});

	test("a call repeated under the same id is not made twice", async () => {
		const request = world.request(accountId);
		await world.commit(await models.call(request, new AbortController().signal));
		await expect(models.call(request, new AbortController().signal)).rejects.toMatchObject({
			code: "INTERNAL",
		});
		expect(server.requests).toHaveLength(1);
	});
});
