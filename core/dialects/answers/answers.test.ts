import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { readAnswer, translateAnswer } from "../dialect.ts";
import { CONTEXT } from "../testing/chunkings.ts";
import { createAnthropic, createOpenAi } from "../testing/read-with-sdk.ts";
import { OWN_SIGNATURE } from "../unsigned-thinking.ts";

const JSON_TYPE = "application/json";
const MESSAGES = [{ role: "user" as const, content: "?" }];
const CALLS = [
	{ id: "call_1", type: "function", function: { name: "search", arguments: '{"q":"ä"}' } },
	{ id: "call_2", type: "function", function: { name: "now", arguments: "" } },
];
const CHAT: JsonObject = {
	id: "chatcmpl-1",
	object: "chat.completion",
	choices: [
		{
			index: 0,
			message: { role: "assistant", content: "Let me see.", reasoning_content: "hm", tool_calls: CALLS },
			finish_reason: "tool_calls",
		},
	],
	usage: {
		prompt_tokens: 100,
		completion_tokens: 20,
		total_tokens: 120,
		prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
		completion_tokens_details: { reasoning_tokens: 5 },
	},
};
const MESSAGE: JsonObject = {
	id: "msg_1",
	type: "message",
	role: "assistant",
	content: [
		{ type: "thinking", thinking: "hm", signature: "Eq0=" },
		{ type: "redacted_thinking", data: "x" },
		{ type: "text", text: "Let me " },
		{ type: "text", text: "see." },
		{ type: "tool_use", id: "call_1", name: "search", input: { q: "ä" } },
		{ type: "tool_use", id: "call_2", name: "now", input: {} },
	],
	stop_reason: "tool_use",
	stop_sequence: null,
	usage: {
		input_tokens: 10,
		cache_read_input_tokens: 60,
		cache_creation_input_tokens: 30,
		output_tokens: 20,
		output_tokens_details: { thinking_tokens: 5 },
	},
};
const USAGE = {
	inputTokens: 100,
	outputTokens: 20,
	cacheReadTokens: 60,
	cacheWriteTokens: 30,
	reasoningTokens: 5,
};

test("a chat completion as a message, which Anthropic's package reads", async () => {
	const body = JSON.stringify(translateAnswer("openai", "anthropic", CHAT, CONTEXT));
	const client = createAnthropic(body, JSON_TYPE);
	expect(await client.messages.create({ model: "smart", max_tokens: 9, messages: MESSAGES })).toMatchObject({
		id: "msg_req_7",
		model: "smart",
		content: [
			{ type: "thinking", thinking: "hm", signature: OWN_SIGNATURE },
			{ type: "text", text: "Let me see." },
			{ type: "tool_use", id: "call_1", name: "search", input: { q: "ä" } },
			{ type: "tool_use", id: "call_2", name: "now", input: {} },
		],
		stop_reason: "tool_use",
		usage: MESSAGE["usage"],
	});
});

test("a message as a chat completion, which OpenAI's package reads", async () => {
	const body = JSON.stringify(translateAnswer("anthropic", "openai", MESSAGE, CONTEXT));
	const client = createOpenAi(body, JSON_TYPE);
	expect(await client.chat.completions.create({ model: "smart", messages: MESSAGES })).toMatchObject({
		id: "chatcmpl-req_7",
		created: CONTEXT.nowSeconds,
		model: "smart",
		choices: [
			{
				message: {
					content: "Let me see.",
					refusal: null,
					reasoning_content: "hm",
					tool_calls: [CALLS[0], { ...CALLS[1], function: { name: "now", arguments: "{}" } }],
				},
				finish_reason: "tool_calls",
			},
		],
		usage: CHAT["usage"],
	});
});

test.each([
	["openai", CHAT],
	["anthropic", MESSAGE],
] as const)("an answer of %s as a response, which OpenAI's package reads", async (dialect, answer) => {
	const body = JSON.stringify(translateAnswer(dialect, "responses", answer, CONTEXT));
	const response = await createOpenAi(body, JSON_TYPE).responses.create({ model: "smart", input: "?" });
	expect(response).toMatchObject({
		id: "resp_req_7",
		status: "completed",
		output_text: "Let me see.",
		usage: { input_tokens: 100, output_tokens: 20, total_tokens: 120 },
	});
	expect(response.output).toContainEqual(expect.objectContaining({ name: "now", arguments: "{}" }));
	expect(response.output.map((item) => item.type)).toEqual(
		expect.arrayContaining(["reasoning", "message", "function_call"]),
	);
});

test.each([
	["openai", CHAT, 'hmLet me see.{"q":"ä"}'],
	["anthropic", MESSAGE, 'hmLet me see.{"q":"ä"}{}'],
] as const)("what an answer of %s says about itself", (dialect, answer, text) => {
	expect(readAnswer(dialect, answer)).toEqual({ usage: USAGE, finish: "tool", text, errorInBody: undefined });
});

test.each<[string, string, string]>([
	["stop", "end_turn", "completed"],
	["length", "max_tokens", "incomplete"],
	["content_filter", "refusal", "incomplete"],
	["sensitive", "refusal", "incomplete"],
	["whatever", "end_turn", "completed"],
])("the reason %s is %s there and the status %s", (finish_reason, stopReason, status) => {
	const answer = { choices: [{ message: { content: "x" }, finish_reason }] };
	expect(translateAnswer("openai", "anthropic", answer, CONTEXT)["stop_reason"]).toBe(stopReason);
	expect(translateAnswer("openai", "responses", answer, CONTEXT)["status"]).toBe(status);
});

test.each<[string, string]>([
	["end_turn", "stop"],
	["stop_sequence", "stop"],
	["max_tokens", "length"],
	["model_context_window_exceeded", "length"],
	["refusal", "content_filter"],
	["pause_turn", "stop"],
])("the reason %s is %s there", (stop_reason, expected) => {
	const answer = { content: [{ type: "text", text: "x" }], stop_reason };
	expect(translateAnswer("anthropic", "openai", answer, CONTEXT)).toMatchObject({
		choices: [{ finish_reason: expected }],
	});
});

test("a call is a call though the reason says stop; arguments that broke off are none", () => {
	const answer = { choices: [{ message: { tool_calls: CALLS }, finish_reason: "stop" }] };
	expect(translateAnswer("openai", "anthropic", answer, CONTEXT)["stop_reason"]).toBe("tool_use");
	const broken = [{ id: "a", function: { name: "f", arguments: '{"x":' } }];
	const cut = { choices: [{ message: { tool_calls: broken }, finish_reason: "length" }] };
	expect(translateAnswer("openai", "anthropic", cut, CONTEXT)).toMatchObject({
		content: [],
		stop_reason: "max_tokens",
	});
});

test("in the same dialect an answer stays as it is", () => {
	expect(translateAnswer("openai", "openai", CHAT, CONTEXT)).toBe(CHAT);
});

test.each([{}, { choices: [] }, { choices: [7] }, { content: "x" }, { choices: [{ message: null }] }])(
	"what is no answer is the provider's failure: %j",
	(answer) => {
		expect(readAnswer("openai", answer).errorInBody).toMatch(/^protocol/);
		expect(() => translateAnswer("openai", "anthropic", answer, CONTEXT)).toThrow(
			expect.objectContaining({ code: "ROUTER_NO_PROVIDER" }),
		);
		expect(() => translateAnswer("anthropic", "openai", answer, CONTEXT)).toThrow(
			expect.objectContaining({ code: "ROUTER_NO_PROVIDER" }),
		);
	},
);

test("an error under a status of success is told", () => {
	const answer = { error: { code: 429, message: "slow down", type: "x" } };
	expect(readAnswer("openai", answer).errorInBody).toBe("x 429: slow down");
});

test("several choices are all counted", () => {
	const toChoice = (content: string) => ({ message: { content }, finish_reason: "stop" });
	expect(readAnswer("openai", { choices: [toChoice("a"), toChoice("b")] }).text).toBe("ab");
});
