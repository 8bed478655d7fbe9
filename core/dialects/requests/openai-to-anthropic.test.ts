import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { translateRequest } from "../dialect.ts";

const MODEL = "claude-sonnet-4-5";
const HI = { role: "user", content: "Hi" };
const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

function translate(body: JsonObject): JsonObject {
	return translateRequest("openai", "anthropic", {
		model: MODEL,
		max_tokens: 1_000,
		messages: [HI],
		...body,
	});
}

function toUser(content: unknown): JsonObject {
	return { messages: [{ role: "user", content }] };
}

function blocks(...content: readonly object[]): readonly object[] {
	return [{ role: "user", content }];
}

const CALLS = {
	role: "assistant",
	content: null,
	tool_calls: [
		{ id: "call_1", type: "function", function: { name: "search", arguments: '{"q":"a"}' } },
		{ id: "functions.get:1", type: "function", function: { name: "now", arguments: "" } },
	],
};
const RESULTS = [
	{ role: "tool", tool_call_id: "functions.get:1", content: "noon" },
	{ role: "tool", tool_call_id: "call_1", content: [{ type: "text", text: "found" }] },
];

test.each<[string, JsonObject, JsonObject]>([
	["a text", {}, { messages: blocks({ type: "text", text: "Hi" }) }],
	[
		"system and developer messages from anywhere",
		{
			messages: [
				{ role: "system", content: "A" },
				HI,
				{ role: "developer", content: [{ type: "text", text: "B" }] },
			],
		},
		{
			system: [
				{ type: "text", text: "A" },
				{ type: "text", text: "B" },
			],
		},
	],
	[
		"neighbours of one role",
		{
			messages: [
				HI,
				{ role: "user", content: "there" },
				{ role: "assistant", content: "Yes" },
				{ role: "assistant", content: "?" },
				HI,
			],
		},
		{
			messages: [
				{
					role: "user",
					content: [
						{ type: "text", text: "Hi" },
						{ type: "text", text: "there" },
					],
				},
				{
					role: "assistant",
					content: [
						{ type: "text", text: "Yes" },
						{ type: "text", text: "?" },
					],
				},
				{ role: "user", content: [{ type: "text", text: "Hi" }] },
			],
		},
	],
	[
		"empty content",
		{
			messages: [
				HI,
				{ role: "assistant", content: "" },
				{ role: "user", content: [{ type: "text", text: " " }] },
			],
		},
		{ messages: blocks({ type: "text", text: "Hi" }) },
	],
	[
		"an answer to be continued, first",
		{ messages: [{ role: "assistant", content: "Well, \n" }] },
		{
			messages: [
				{ role: "user", content: [{ type: "text", text: "Continue." }] },
				{ role: "assistant", content: [{ type: "text", text: "Well," }] },
			],
		},
	],
	[
		"an image in a data URL",
		toUser([{ type: "image_url", image_url: { url: PIXEL, detail: "low" } }]),
		{
			messages: blocks({
				type: "image",
				source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" },
			}),
		},
	],
	[
		"an image by its URL",
		toUser([{ type: "image_url", image_url: { url: "https://a.test/b.png" } }]),
		{ messages: blocks({ type: "image", source: { type: "url", url: "https://a.test/b.png" } }) },
	],
	[
		"a PDF",
		toUser([
			{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" } },
		]),
		{
			messages: blocks({
				type: "document",
				source: { type: "base64", media_type: "application/pdf", data: "JVBERg==" },
				title: "a.pdf",
			}),
		},
	],
	[
		"a text file",
		toUser([{ type: "file", file: { file_data: "data:text/plain;charset=utf-8;base64,aMOp" } }]),
		{
			messages: blocks({ type: "document", source: { type: "text", media_type: "text/plain", data: "hé" } }),
		},
	],
	[
		"cache markers of both kinds",
		toUser([
			{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
			{ type: "text", text: "b", prompt_cache_breakpoint: { mode: "explicit" } },
		]),
		{
			messages: blocks(
				{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
				{ type: "text", text: "b", cache_control: { type: "ephemeral" } },
			),
		},
	],
	[
		"parallel calls and their results, with ids this dialect takes",
		{ messages: [HI, CALLS, ...RESULTS, HI] },
		{
			messages: [
				{ role: "user", content: [{ type: "text", text: "Hi" }] },
				{
					role: "assistant",
					content: [
						{ type: "tool_use", id: "call_1", name: "search", input: { q: "a" } },
						{ type: "tool_use", id: "functions_get_1", name: "now", input: {} },
					],
				},
				{
					role: "user",
					content: [
						{
							type: "tool_result",
							tool_use_id: "functions_get_1",
							content: [{ type: "text", text: "noon" }],
						},
						{ type: "tool_result", tool_use_id: "call_1", content: [{ type: "text", text: "found" }] },
						{ type: "text", text: "Hi" },
					],
				},
			],
		},
	],
	["stop, one", { stop: "END" }, { stop_sequences: ["END"] }],
	["stop, many, white space left out", { stop: ["a", "\n"] }, { stop_sequences: ["a"] }],
	["the newer limit", { max_completion_tokens: 7 }, { max_tokens: 7 }],
	["no limit", { max_tokens: null }, { max_tokens: 4_096 }],
	["temperature, and not top_p beside it", { temperature: 1.7, top_p: 0.5 }, { temperature: 1 }],
	["top_p and top_k", { top_p: 0.5, top_k: 40 }, { top_p: 0.5, top_k: 40 }],
	["the user", { user: "u1" }, { metadata: { user_id: "u1" } }],
	["a stream", { stream: true, stream_options: { include_usage: true } }, { stream: true }],
	[
		"hints without counterpart",
		{ seed: 1, logit_bias: {}, presence_penalty: 1, n: 1, store: true, x: 1 },
		{},
	],
	[
		"an effort, as a budget within the limit",
		{ reasoning_effort: "high", temperature: 0.2, max_tokens: 4_000 },
		{ max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 2_000 } },
	],
	["an effort without room", { reasoning_effort: "high", max_tokens: 1_500 }, { max_tokens: 1_500 }],
	[
		"an effort, for a model that adapts",
		{ model: "claude-opus-5-1", reasoning_effort: "medium", temperature: 0 },
		{
			model: "claude-opus-5-1",
			thinking: { type: "adaptive", display: "summarized" },
			output_config: { effort: "medium" },
		},
	],
	["no thinking", { reasoning_effort: "none" }, {}],
	[
		"some JSON",
		{ response_format: { type: "json_object" } },
		{ system: [expect.objectContaining({ type: "text" })] },
	],
	[
		"JSON after a schema",
		{
			response_format: {
				type: "json_schema",
				json_schema: {
					name: "x",
					strict: true,
					schema: { type: "object", properties: { a: { type: "integer", minimum: 1 } }, required: ["a"] },
				},
			},
		},
		{
			output_config: {
				format: {
					type: "json_schema",
					schema: {
						type: "object",
						properties: { a: { type: "integer", description: "{minimum: 1}" } },
						required: ["a"],
						additionalProperties: false,
					},
				},
			},
		},
	],
])("%s", (_, body, expected) => {
	const messages = blocks({ type: "text", text: "Hi" });
	const isSystemOnly = expected["system"] !== undefined;
	const translated = translate(body);
	expect(isSystemOnly ? { ...translated, messages } : translated).toEqual({
		model: MODEL,
		max_tokens: 1_000,
		messages,
		...expected,
	});
});

test("names that mean something to JavaScript are names like any other", () => {
	const schema: unknown = JSON.parse(
		'{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}',
	);
	const body = translate({ response_format: { type: "json_schema", json_schema: { name: "x", schema } } });
	expect(JSON.stringify(body)).toContain('"properties":{"__proto__":{"type":"string"}}');
	expect(({} as Record<string, unknown>)["type"]).toBeUndefined();
});

test("a model that knows no schemas is asked for one in words", () => {
	const json_schema = { name: "x", schema: { type: "object", minProperties: 1 } };
	const body = translate({ model: "glm-4.7", response_format: { type: "json_schema", json_schema } });
	expect(body).not.toHaveProperty("output_config");
	expect(body["system"]).toEqual([
		{ type: "text", text: expect.stringContaining('JSON Schema: {"type":"object","minProperties":1}') },
	]);
});
