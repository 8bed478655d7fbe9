import type { Surface } from "../../../core/dialects/types.ts";

export type SampleSurface = Surface | "count" | "embeddings";

export const PATHS: Readonly<Record<SampleSurface, string>> = {
	openai: "/v1/chat/completions",
	anthropic: "/v1/messages",
	responses: "/v1/responses",
	count: "/v1/messages/count_tokens",
	embeddings: "/v1/embeddings",
};

const SCHEMA = {
	type: "object",
	properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
	required: ["city"],
	additionalProperties: false,
};
const PNG =
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** As much of each dialect as one body may hold: what mutations start from. */
const CHAT = {
	messages: [
		{ role: "system", content: "Be brief." },
		{ role: "developer", content: [{ type: "text", text: "And kind." }] },
		{
			role: "user",
			content: [
				{ type: "text", text: "What is this?" },
				{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "low" } },
				{ type: "image_url", image_url: { url: "https://example.org/a.png" } },
				{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
			],
		},
		{
			role: "assistant",
			content: null,
			tool_calls: [
				{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } },
				{ id: "call_2", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } },
			],
		},
		{ role: "tool", tool_call_id: "call_1", content: "sun" },
		{ role: "tool", tool_call_id: "call_2", content: [{ type: "text", text: "rain" }] },
		{ role: "assistant", content: "Both.", refusal: null, reasoning_content: "hm" },
		{ role: "user", name: "ann", content: "And tomorrow? 明天呢 😀" },
	],
	tools: [
		{ type: "function", function: { name: "weather", description: "d", parameters: SCHEMA, strict: true } },
	],
	tool_choice: { type: "function", function: { name: "weather" } },
	parallel_tool_calls: true,
	response_format: { type: "json_schema", json_schema: { name: "a", schema: SCHEMA, strict: true } },
	...{ max_tokens: 100, temperature: 0.7, top_p: 0.9, stop: ["END"], seed: 7, n: 1, logprobs: false },
	...{ reasoning_effort: "low", stream_options: { include_usage: true }, user: "ann", metadata: { a: "b" } },
};

const MESSAGES = {
	max_tokens: 100,
	system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
	messages: [
		{
			role: "user",
			content: [
				{ type: "text", text: "What is this?" },
				{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
				{ type: "image", source: { type: "url", url: "https://example.org/a.png" } },
				{ type: "document", source: { type: "text", media_type: "text/plain", data: "x" }, title: "t" },
			],
		},
		{
			role: "assistant",
			content: [
				{ type: "thinking", thinking: "hm", signature: "c2ln" },
				{ type: "redacted_thinking", data: "x" },
				{ type: "text", text: "Let me look." },
				{ type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } },
				{ type: "tool_use", id: "toolu_2", name: "weather", input: { city: "Paris" } },
			],
		},
		{
			role: "user",
			content: [
				{ type: "tool_result", tool_use_id: "toolu_1", content: "sun" },
				{
					type: "tool_result",
					tool_use_id: "toolu_2",
					is_error: true,
					content: [
						{ type: "text", text: "no" },
						{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
					],
				},
				{ type: "text", text: "And tomorrow? 明天呢 😀" },
			],
		},
	],
	tools: [{ name: "weather", description: "d", input_schema: SCHEMA }],
	tool_choice: { type: "any", disable_parallel_tool_use: true },
	output_config: { format: { type: "json_schema", schema: SCHEMA }, effort: "low" },
	thinking: { type: "enabled", budget_tokens: 1024 },
	...{ temperature: 1, top_k: 5, stop_sequences: ["END"], metadata: { user_id: "ann" } },
};

const RESPONSES = {
	instructions: "Be brief.",
	input: [
		{
			role: "user",
			content: [
				{ type: "input_text", text: "What is this?" },
				{ type: "input_image", detail: "auto", image_url: `data:image/png;base64,${PNG}` },
			],
		},
		{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] },
		{ type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Rome"}' },
		{ type: "function_call_output", call_id: "call_1", output: "sun" },
		{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Sun.", annotations: [] }] },
		{ role: "developer", content: "And kind." },
		{ role: "user", content: "And tomorrow? 明天呢 😀" },
	],
	tools: [{ type: "function", name: "weather", description: "d", parameters: SCHEMA, strict: true }],
	tool_choice: { type: "function", name: "weather" },
	text: { format: { type: "json_schema", name: "a", schema: SCHEMA, strict: true }, verbosity: "low" },
	...{ reasoning: { effort: "low", summary: "auto" }, max_output_tokens: 100, parallel_tool_calls: false },
	...{ temperature: 0.7, store: false, truncation: "auto", include: [], metadata: {} },
};

export const SAMPLES: Readonly<Record<SampleSurface, object>> = {
	openai: CHAT,
	anthropic: MESSAGES,
	responses: RESPONSES,
	count: MESSAGES,
	embeddings: { input: ["one", "two"], encoding_format: "float", dimensions: 3, user: "ann" },
};
