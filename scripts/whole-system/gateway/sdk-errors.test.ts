import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { describe, expect, test } from "@jest/globals";
import OpenAI, { APIError as OpenAiError } from "openai";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { DIALECTS, modelNamed, modelOf, useGateway } from "./use-gateway.ts";

const CASES: Readonly<Record<string, FakeAnswer>> = {
	busy: { kind: "status", status: 429, headers: { "retry-after": "7" } },
	broken: { kind: "status", status: 500 },
};

const gateway = useGateway({
	vendors: DIALECTS.flatMap((dialect) =>
		["chat", "messages", "responses"].flatMap((surface) =>
			[true, false].flatMap((stream) =>
				Object.keys(CASES).map((name) => ({ id: toId(name, dialect, surface, stream), dialect })),
			),
		),
	),
});

function toId(name: string, dialect: string, surface: string, stream: boolean): string {
	return `${name}-${dialect}-${surface}-${stream ? "stream" : "whole"}`;
}

type Told = { readonly status: number; readonly code: unknown; readonly headers: Headers };
type Call = (key: string, model: string, stream: boolean) => Promise<unknown>;

const messages = [{ role: "user" as const, content: "Tell me something long, please." }];
const SURFACES: Readonly<Record<string, Call>> = {
	chat: async (key, model, stream) =>
		await gateway.openai(key).chat.completions.create({ model, messages, stream }),
	responses: async (key, model, stream) =>
		await gateway.openai(key).responses.create({ model, input: "hi", stream }),
	messages: async (key, model, stream) =>
		await gateway.anthropic(key).messages.create({ model, messages, max_tokens: 50, stream }),
};

async function fail(call: Promise<unknown>): Promise<Told & { readonly error: unknown }> {
	try {
		await call;
	} catch (error) {
		if (error instanceof OpenAiError) {
			return { status: error.status ?? 0, code: error.code, headers: error.headers ?? new Headers(), error };
		}
		if (error instanceof AnthropicError) {
			const body = error.error as { readonly error?: { readonly code?: unknown } } | undefined;
			const { status = 0, headers = new Headers() } = error;
			return { status, code: body?.error?.code, headers, error };
		}
		throw error;
	}
	throw new Error("it went well");
}

describe.each(Object.keys(SURFACES))("of the surface %s", (surface) => {
	const call = SURFACES[surface] as Call;

	describe.each([true, false])("with stream: %s", (stream) => {
		test("a wrong key is told as the package's own error", async () => {
			const wrong = `rp_00000000_${"x".repeat(43)}`;
			const told = await fail(call(wrong, "auto", stream));
			expect(told).toMatchObject({ status: 401, code: "AUTH_INVALID_CREDENTIALS" });
			const isOwn =
				told.error instanceof OpenAI.AuthenticationError ||
				told.error instanceof Anthropic.AuthenticationError;
			expect(isOwn).toBe(true);
			expect(told.headers.get("www-authenticate")).toBe("Bearer");
		});

		test("spent quota is 402, and nobody is asked", async () => {
			const { key } = await gateway.addPerson({ dailyTokens: 3 });
			const asked = gateway.vendor("openai").requests.length;
			const told = await fail(call(key, modelOf("openai"), stream));
			expect(told).toMatchObject({ status: 402, code: "BILLING_QUOTA_EXCEEDED" });
			expect(told.headers.has("x-rockpool-attempts")).toBe(false);
			expect(gateway.vendor("openai").requests).toHaveLength(asked);
		});

		test.each(DIALECTS)(
			"a busy vendor of the dialect %s is 429 and says when to come back",
			async (dialect) => {
				const id = toId("busy", dialect, surface, stream);
				gateway.vendorNamed(id).answerAlways(CASES["busy"] as FakeAnswer);
				const told = await fail(call(gateway.person().key, modelNamed(id), stream));
				expect(told).toMatchObject({ status: 429, code: "ROUTER_RATE_LIMITED" });
				expect(Number(told.headers.get("retry-after"))).toBeGreaterThanOrEqual(6);
				expect(Object.fromEntries(told.headers)).toMatchObject({
					"x-rockpool-provider": id,
					"x-rockpool-attempts": expect.stringMatching(/^[1-5]$/),
				});
				const isOwn =
					told.error instanceof OpenAI.RateLimitError || told.error instanceof Anthropic.RateLimitError;
				expect(isOwn).toBe(true);
			},
		);

		test.each(DIALECTS)("a broken vendor of the dialect %s is 503", async (dialect) => {
			const id = toId("broken", dialect, surface, stream);
			gateway.vendorNamed(id).answerAlways(CASES["broken"] as FakeAnswer);
			const told = await fail(call(gateway.person().key, modelNamed(id), stream));
			expect(told).toMatchObject({ status: 503, code: "ROUTER_NO_PROVIDER" });
			expect(String(told.error)).not.toMatch(/scripted|\/retry|\/tier/);
			expect(Object.fromEntries(told.headers)).toMatchObject({
				"x-rockpool-provider": id,
				"x-rockpool-region": "us",
			});
		});
	});
});
