import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { translateRequest } from "../dialect.ts";
import { OWN_SIGNATURE } from "../unsigned-thinking.ts";

const HI = { role: "user", content: "Hi" };
const USES = {
	role: "assistant",
	content: [
		{ type: "text", text: "Let me see." },
		{ type: "tool_use", id: "toolu_1", name: "search", input: { q: "ä" } },
		{ type: "tool_use", id: "toolu_2", name: "now", input: {} },
	],
};

function translate(body: JsonObject): JsonObject {
	return translateRequest("anthropic", "openai", {
		model: "glm-4.7",
		max_tokens: 100,
		messages: [HI],
		...body,
	});
}

function toUser(...content: readonly object[]): JsonObject {
	return { messages: [{ role: "user", content }] };
}

test.each<[string, JsonObject, JsonObject]>([
	["a text", {}, {}],
	["a system text", { system: "Be brief." }, { messages: [{ role: "system", content: "Be brief." }, HI] }],
	[
		"system blocks, their cache markers dropped",
		{
			system: [
				{ type: "text", text: "A", cache_control: { type: "ephemeral" } },
				{ type: "text", text: "B" },
			],
		},
		{ messages: [{ role: "system", content: "A\nB" }, HI] },
	],
	[
		"a system message in the middle",
		{ model: "gpt-6", messages: [HI, { role: "system", content: "Now in French." }] },
		{ model: "gpt-6", messages: [HI, { role: "system", content: "Now in French." }] },
	],
	[
		"images",
		toUser(
			{ type: "text", text: "What is it?" },
			{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
			{ type: "image", source: { type: "url", url: "https://a.test/b.png" } },
		),
		toUser(
			{ type: "text", text: "What is it?" },
			{ type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
			{ type: "image_url", image_url: { url: "https://a.test/b.png" } },
		),
	],
	[
		"a PDF",
		toUser({
			type: "document",
			title: "t.pdf",
			source: { type: "base64", media_type: "application/pdf", data: "JV" },
		}),
		toUser({ type: "file", file: { filename: "t.pdf", file_data: "data:application/pdf;base64,JV" } }),
	],
	[
		"a document of text, and one of blocks",
		toUser(
			{ type: "document", title: "T", source: { type: "text", media_type: "text/plain", data: "body" } },
			{ type: "document", source: { type: "content", content: [{ type: "text", text: "block" }] } },
		),
		{ messages: [{ role: "user", content: "T\n\nbody\nblock" }] },
	],
	[
		"a search result",
		toUser({
			type: "search_result",
			title: "T",
			source: "https://a.test",
			content: [{ type: "text", text: "x" }],
		}),
		{ messages: [{ role: "user", content: "T (https://a.test)\n\nx" }] },
	],
	[
		"parallel calls, their results first, an error and an image among them",
		{
			messages: [
				HI,
				USES,
				{
					role: "user",
					content: [
						{ type: "text", text: "Here:" },
						{ type: "tool_result", tool_use_id: "toolu_2", is_error: true, content: "no clock" },
						{
							type: "tool_result",
							tool_use_id: "toolu_1",
							content: [{ type: "image", source: { type: "url", url: "https://a.test/b.png" } }],
						},
					],
				},
			],
		},
		{
			messages: [
				HI,
				{
					role: "assistant",
					content: "Let me see.",
					tool_calls: [
						{ id: "toolu_1", type: "function", function: { name: "search", arguments: '{"q":"ä"}' } },
						{ id: "toolu_2", type: "function", function: { name: "now", arguments: "{}" } },
					],
				},
				{ role: "tool", tool_call_id: "toolu_2", content: "Error: no clock" },
				{ role: "tool", tool_call_id: "toolu_1", content: "(see below)" },
				{
					role: "user",
					content: [
						{ type: "text", text: "Here:" },
						{ type: "text", text: "Result of the tool call toolu_1:" },
						{ type: "image_url", image_url: { url: "https://a.test/b.png" } },
					],
				},
			],
		},
	],
	[
		"thinking: ours goes back as reasoning, Anthropic's stays behind",
		{
			messages: [
				HI,
				{
					role: "assistant",
					content: [
						{ type: "thinking", thinking: "signed", signature: "Eq0=" },
						{ type: "redacted_thinking", data: "x" },
						{ type: "thinking", thinking: "ours", signature: OWN_SIGNATURE },
						{ type: "text", text: "Yes" },
					],
				},
				HI,
			],
		},
		{ messages: [HI, { role: "assistant", content: "Yes", reasoning_content: "ours" }, HI] },
	],
	["stop sequences", { stop_sequences: ["a", "b"] }, { stop: ["a", "b"] }],
	[
		"sampling; top_k has no counterpart",
		{ temperature: 0.3, top_p: 0.9, top_k: 5 },
		{ temperature: 0.3, top_p: 0.9 },
	],
	["the user", { metadata: { user_id: "u" } }, { user: "u" }],
	[
		"a stream, whose usage must be asked for",
		{ stream: true },
		{ stream: true, stream_options: { include_usage: true } },
	],
	["a budget", { thinking: { type: "enabled", budget_tokens: 2_048 } }, { reasoning_effort: "low" }],
	["a large budget", { thinking: { type: "enabled", budget_tokens: 31_999 } }, { reasoning_effort: "high" }],
	[
		"adaptive thinking",
		{ thinking: { type: "adaptive" }, output_config: { effort: "medium" } },
		{ reasoning_effort: "medium" },
	],
	[
		"an effort beyond what others know",
		{ thinking: { type: "adaptive" }, output_config: { effort: "max" } },
		{ reasoning_effort: "high" },
	],
	["no thinking", { thinking: { type: "disabled" }, output_config: { effort: "low" } }, {}],
	[
		"hints without counterpart",
		{ service_tier: "auto", speed: "fast", cache_control: { type: "ephemeral" } },
		{},
	],
])("%s", (_, body, expected) => {
	expect(translate(body)).toEqual({ model: "glm-4.7", max_tokens: 100, messages: [HI], ...expected });
});

test("OpenAI's newer models know no sampling", () => {
	expect(translate({ model: "gpt-5.4-mini", temperature: 0 })).toEqual({
		model: "gpt-5.4-mini",
		max_tokens: 100,
		messages: [HI],
	});
});

const TOOL = {
	name: "search",
	description: "d",
	input_schema: { type: "object" },
	cache_control: { type: "ephemeral" },
};

test.each<[string, JsonObject | undefined, JsonObject]>([
	["nothing", undefined, {}],
	["auto", { type: "auto" }, { tool_choice: "auto" }],
	["none", { type: "none" }, { tool_choice: "none" }],
	["any", { type: "any" }, { tool_choice: "required" }],
	[
		"named",
		{ type: "tool", name: "search" },
		{ tool_choice: { type: "function", function: { name: "search" } } },
	],
	[
		"one at a time",
		{ type: "auto", disable_parallel_tool_use: true },
		{ tool_choice: "auto", parallel_tool_calls: false },
	],
])("tools with the choice: %s", (_, choice, expected) => {
	expect(translate({ tools: [TOOL], tool_choice: choice })).toEqual({
		model: "glm-4.7",
		max_tokens: 100,
		messages: [HI],
		tools: [
			{ type: "function", function: { name: "search", description: "d", parameters: { type: "object" } } },
		],
		...expected,
	});
});

test.each(["output_config", "output_format"])("JSON after a schema, asked for in %s", (field) => {
	const strict = {
		type: "object",
		properties: { a: { type: "string" } },
		required: ["a"],
		additionalProperties: false,
	};
	for (const [schema, isStrict] of [
		[strict, true],
		[{ ...strict, required: [] }, false],
	] as const) {
		const format = { type: "json_schema", schema };
		const { response_format } = translate({ [field]: field === "output_config" ? { format } : format });
		expect(response_format).toEqual({
			type: "json_schema",
			json_schema: { name: "answer", schema, strict: isStrict },
		});
	}
});

test.each<[string, JsonObject]>([
	["max_tokens", { max_tokens: undefined }],
	["max_tokens", { max_tokens: 0 }],
	["messages", { messages: [] }],
	["messages.0.role", { messages: [{ role: "tool", content: "x" }] }],
	["messages.0.content.0.type", toUser({ type: "container_upload", file_id: "f" })],
	["messages.0.content.0.source.type", toUser({ type: "image", source: { type: "file", file_id: "f" } })],
	[
		"messages.0.content.0.source.type",
		toUser({ type: "document", source: { type: "url", url: "https://a.test" } }),
	],
	["messages.0.content.0.tool_use_id", toUser({ type: "tool_result", tool_use_id: "x", content: "y" })],
	["messages.1.content", { messages: [HI, USES, HI] }],
	["messages.1.content", { messages: [HI, USES] }],
	[
		"messages.1.content.0.input",
		{ messages: [HI, { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: [] }] }] },
	],
	["tools.1.type", { tools: [TOOL, { type: "web_search_20260209", name: "web_search" }] }],
	["tools.0.input_schema", { tools: [{ name: "x" }] }],
	["tool_choice.type", { tools: [TOOL], tool_choice: { type: "every" } }],
	["mcp_servers", { mcp_servers: [{}] }],
	["container", { container: "c" }],
	["response_format", { response_format: {} }],
	["stop", { stop: "x" }],
	["system.0.type", { system: [{ type: "image", source: { type: "url", url: "https://a.test" } }] }],
])("refused, naming the field: %s", (field, body) => {
	expect(() => translate(body)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
	expect(() => translate(body)).toThrow(
		expect.objectContaining({ details: expect.objectContaining({ reason: "field-invalid" }) }),
	);
	try {
		translate(body);
	} catch (error) {
		expect((error as { details: { field: string } }).details.field).toBe(field);
	}
});
