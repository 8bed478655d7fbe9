import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { translateRequest } from "../dialect.ts";

const MODEL = "claude-sonnet-4-5";
const HI = { role: "user", content: "Hi" };

function translate(body: JsonObject): JsonObject {
	return translateRequest("openai", "anthropic", {
		model: MODEL,
		max_tokens: 1_000,
		messages: [HI],
		...body,
	});
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
const OTHER = { type: "function", function: { name: "now" } };

test.each<[string, JsonObject, JsonObject | undefined]>([
	["nothing", {}, undefined],
	["auto", { tool_choice: "auto" }, { type: "auto" }],
	["none", { tool_choice: "none", parallel_tool_calls: false }, { type: "none" }],
	["required", { tool_choice: "required" }, { type: "any" }],
	["named", { tool_choice: { type: "function", function: { name: "now" } } }, { type: "tool", name: "now" }],
	["one at a time", { parallel_tool_calls: false }, { type: "auto", disable_parallel_tool_use: true }],
	[
		"named, one at a time",
		{ tool_choice: { type: "function", function: { name: "now" } }, parallel_tool_calls: false },
		{ type: "tool", name: "now", disable_parallel_tool_use: true },
	],
])("tools with the choice: %s", (_, body, choice) => {
	const { tools, tool_choice } = translate({ tools: [TOOL, OTHER], ...body });
	expect(tools).toEqual([
		{ name: "search", description: "d", input_schema: { type: "object" } },
		{ name: "now", input_schema: { type: "object" } },
	]);
	expect(tool_choice).toEqual(choice);
});

test("allowed tools leave only those", () => {
	const allowed = { mode: "required", tools: [{ type: "function", function: { name: "now" } }] };
	const tool_choice = { type: "allowed_tools", allowed_tools: allowed };
	expect(translate({ tools: [TOOL, OTHER], tool_choice })).toMatchObject({
		tools: [{ name: "now" }],
		tool_choice: { type: "any" },
	});
});

test("thinking gives way to a forced tool and, in older models, to a round of tools without its thoughts", () => {
	const thinking = { reasoning_effort: "low", max_tokens: 9_000 };
	expect(translate({ ...thinking, tools: [TOOL], tool_choice: "required" })).not.toHaveProperty("thinking");
	expect(translate({ ...thinking, messages: [HI, CALLS, ...RESULTS] })).not.toHaveProperty("thinking");
	expect(translate({ ...thinking, tools: [TOOL] })).toHaveProperty("thinking");
});

test("ids that come again in a later round are told apart", () => {
	const call = { id: "c", type: "function", function: { name: "now", arguments: "{}" } };
	const round = [
		{ role: "assistant", tool_calls: [call] },
		{ role: "tool", tool_call_id: "c", content: "1" },
	];
	const { messages } = translate({ messages: [HI, ...round, ...round] });
	const text = JSON.stringify(messages);
	expect(text).toContain('"id":"c_2"');
	expect(text).toContain('"tool_use_id":"c_2"');
});
