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

const TOOL = {
	type: "function",
	function: { name: "search", description: "d", parameters: { type: "object" } },
};
test.each<[string, JsonObject]>([
	["n", { n: 2 }],
	["functions", { functions: [] }],
	["messages", { messages: [] }],
	["messages", { messages: "Hi" }],
	["messages", { messages: [{ role: "system", content: "only" }] }],
	["messages.0", { messages: [7] }],
	["messages.0.role", { messages: [{ role: "function", name: "f", content: "x" }] }],
	["messages.0.content", toUser(7)],
	[
		"messages.0.content.1.type",
		toUser([
			{ type: "text", text: "a" },
			{ type: "input_audio", input_audio: {} },
		]),
	],
	["messages.0.content.0.text", toUser([{ type: "text" }])],
	["messages.0.content.0.image_url.url", toUser([{ type: "image_url", image_url: { url: "ftp://x" } }])],
	[
		"messages.0.content.0.image_url.url",
		toUser([{ type: "image_url", image_url: { url: "data:image/tiff;base64,x" } }]),
	],
	["messages.0.content.0.file.file_data", toUser([{ type: "file", file: { file_id: "file-1" } }])],
	["messages.0.tool_call_id", { messages: [{ role: "tool", tool_call_id: "x", content: "" }] }],
	[
		"messages.1.tool_calls.1.id",
		{
			messages: [HI, { role: "assistant", tool_calls: [CALLS.tool_calls[0], CALLS.tool_calls[0]] }],
		},
	],
	["messages.1.tool_calls", { messages: [HI, CALLS] }],
	["messages.1.tool_calls", { messages: [HI, CALLS, RESULTS[0], HI] }],
	[
		"messages.1.tool_calls.0.function.arguments",
		{
			messages: [
				HI,
				{ role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "[1]" } }] },
			],
		},
	],
	[
		"messages.1.content.0.type",
		{ messages: [HI, { role: "assistant", content: [{ type: "image_url", image_url: { url: PIXEL } }] }] },
	],
	["tools.0.type", { tools: [{ type: "custom", custom: { name: "x" } }] }],
	["tools.0.function.name", { tools: [{ type: "function", function: {} }] }],
	["tool_choice", { tools: [TOOL], tool_choice: { type: "function", function: { name: "other" } } }],
	["max_tokens", { max_tokens: 0 }],
	["max_completion_tokens", { max_completion_tokens: 1.5 }],
	["max_tokens", { max_tokens: "100" }],
	["temperature", { temperature: "hot" }],
	["stop.0", { stop: [1] }],
	["response_format.type", { response_format: { type: "grammar" } }],
	["system", { system: "two dialects in one body" }],
	["stop_sequences", { stop_sequences: ["x"] }],
])("refused, naming the field: %s", (field, body) => {
	expect(() => translate(body)).toThrow(
		expect.objectContaining({ code: "REQUEST_INVALID", details: { reason: "field-invalid", field } }),
	);
});
