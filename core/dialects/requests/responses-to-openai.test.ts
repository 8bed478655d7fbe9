import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { translateRequest } from "../dialect.ts";

const CALL = {
	type: "function_call",
	id: "fc_1",
	call_id: "call_1",
	name: "search",
	arguments: '{"q":1}',
	status: "completed",
};
const OUTPUT = { type: "function_call_output", call_id: "call_1", output: "found" };

function translate(body: JsonObject, to: "openai" | "anthropic" = "openai"): JsonObject {
	return translateRequest("responses", to, { model: "glm-4.7", input: "Hi", ...body });
}

test.each<[string, JsonObject, JsonObject]>([
	["a text", {}, { messages: [{ role: "user", content: "Hi" }] }],
	[
		"instructions and items",
		{
			instructions: "Be brief.",
			input: [
				{ role: "developer", content: "D" },
				{
					type: "message",
					role: "user",
					content: [
						{ type: "input_text", text: "a" },
						{ type: "input_image", detail: "low", image_url: "https://a.test/b.png" },
					],
				},
				{
					type: "message",
					id: "msg_1",
					status: "completed",
					role: "assistant",
					content: [{ type: "output_text", text: "b", annotations: [] }],
				},
				{ role: "user", content: "c" },
			],
		},
		{
			messages: [
				{ role: "system", content: "Be brief." },
				{ role: "system", content: "D" },
				{
					role: "user",
					content: [
						{ type: "text", text: "a" },
						{ type: "image_url", image_url: { url: "https://a.test/b.png", detail: "low" } },
					],
				},
				{ role: "assistant", content: "b" },
				{ role: "user", content: "c" },
			],
		},
	],
	[
		"calls, their outputs, and reasoning we gave out",
		{
			input: [
				{ role: "user", content: "Hi" },
				{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] },
				CALL,
				{ ...CALL, call_id: "call_2" },
				OUTPUT,
				{ ...OUTPUT, call_id: "call_2", output: [{ type: "input_text", text: "x" }] },
			],
		},
		{
			messages: [
				{ role: "user", content: "Hi" },
				{
					role: "assistant",
					content: null,
					reasoning_content: "hm",
					tool_calls: [
						{ id: "call_1", type: "function", function: { name: "search", arguments: '{"q":1}' } },
						{ id: "call_2", type: "function", function: { name: "search", arguments: '{"q":1}' } },
					],
				},
				{ role: "tool", tool_call_id: "call_1", content: "found" },
				{ role: "tool", tool_call_id: "call_2", content: [{ type: "text", text: "x" }] },
			],
		},
	],
	[
		"tools, choice, limits",
		{
			tools: [{ type: "function", name: "search", parameters: { type: "object" }, strict: true }],
			tool_choice: { type: "function", name: "search" },
			parallel_tool_calls: false,
			max_output_tokens: 50,
			temperature: 0.1,
			reasoning: { effort: "low", summary: "auto" },
			user: "u",
			stream: true,
			store: false,
			include: ["reasoning.encrypted_content"],
			truncation: "disabled",
		},
		{
			tools: [
				{ type: "function", function: { name: "search", parameters: { type: "object" }, strict: true } },
			],
			tool_choice: { type: "function", function: { name: "search" } },
			parallel_tool_calls: false,
			max_tokens: 50,
			temperature: 0.1,
			reasoning_effort: "low",
			user: "u",
			stream: true,
			stream_options: { include_usage: true },
		},
	],
	[
		"JSON after a schema",
		{ text: { format: { type: "json_schema", name: "x", schema: { type: "object" }, strict: true } } },
		{
			response_format: {
				type: "json_schema",
				json_schema: { name: "x", schema: { type: "object" }, strict: true },
			},
		},
	],
	["some JSON", { text: { format: { type: "json_object" } } }, { response_format: { type: "json_object" } }],
	["plain text", { text: { format: { type: "text" }, verbosity: "low" } }, {}],
])("%s", (_, body, expected) => {
	expect(translate(body)).toEqual({
		model: "glm-4.7",
		messages: [{ role: "user", content: "Hi" }],
		...expected,
	});
});

test("on to Anthropic in two steps", () => {
	expect(
		translate({ input: [{ role: "user", content: "Hi" }, CALL, OUTPUT], max_output_tokens: 9 }, "anthropic"),
	).toEqual({
		model: "glm-4.7",
		max_tokens: 9,
		messages: [
			{ role: "user", content: [{ type: "text", text: "Hi" }] },
			{ role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "search", input: { q: 1 } }] },
			{
				role: "user",
				content: [{ type: "tool_result", tool_use_id: "call_1", content: [{ type: "text", text: "found" }] }],
			},
		],
	});
});

test.each<[string, JsonObject]>([
	["store", { store: true }],
	["previous_response_id", { previous_response_id: "resp_1" }],
	["conversation", { conversation: "conv_1" }],
	["background", { background: true }],
	["prompt", { prompt: { id: "pmpt_1" } }],
	["input", { input: undefined }],
	["input.0.type", { input: [{ type: "item_reference", id: "msg_1" }] }],
	["input.0.role", { input: [{ role: "tool", content: "x" }] }],
	["input.0.call_id", { input: [OUTPUT] }],
	["input", { input: [CALL] }],
	[
		"input.0.content.0.image_url",
		{ input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] },
	],
	["tools.0.type", { tools: [{ type: "web_search" }] }],
	["text.format.type", { text: { format: { type: "grammar" } } }],
	["messages", { messages: [] }],
	["max_output_tokens", { max_output_tokens: -1 }],
])("refused, naming the field: %s", (field, body) => {
	expect(() => translate(body)).toThrow(
		expect.objectContaining({ code: "REQUEST_INVALID", details: { reason: "field-invalid", field } }),
	);
});

test("falsy values ask for nothing", () => {
	const body = { store: false, previous_response_id: null, conversation: "", background: false };
	expect(() => translate(body)).not.toThrow();
});

test("what only the second step finds wrong is told of the caller's own field", () => {
	const input = [{ role: "user", content: [{ type: "input_image", image_url: "ftp://x" }] }];
	expect(() => translate({ input }, "anthropic")).toThrow(
		expect.objectContaining({ details: { reason: "field-invalid", field: "input" } }),
	);
});

test("answers to calls come right behind the calls, whatever was said between them", () => {
	const second = { ...CALL, call_id: "call_2" };
	const { messages } = translate({
		input: [CALL, second, { role: "user", content: "Wait." }, { ...OUTPUT, call_id: "call_2" }, OUTPUT],
	});
	expect(messages).toMatchObject([
		{ role: "assistant", tool_calls: [{ id: "call_1" }, { id: "call_2" }] },
		{ role: "tool", tool_call_id: "call_2" },
		{ role: "tool", tool_call_id: "call_1" },
		{ role: "user", content: "Wait." },
	]);
	const later = translate({ input: [CALL, { role: "user", content: "Wait." }, OUTPUT] });
	expect(later["messages"]).toMatchObject([{ role: "assistant" }, { role: "tool" }, { role: "user" }]);
});

test("options of a stream are no reason to refuse", () => {
	expect(translate({ stream: true, stream_options: { include_obfuscation: false } })).toMatchObject({
		stream_options: { include_usage: true },
	});
});
