import { expect, test } from "@jest/globals";
import type { AnswerContext, JsonObject } from "./dialect.ts";
import { createStreamTranslator, translateAnswer, translateRequest } from "./dialect.ts";

const LONG = `mcp__${"documents_".repeat(7)}search`;
const TWIN = `mcp__${"documents_".repeat(7)}delete`;
const SHORT = "weather";
const SCHEMA = { type: "object" };

const request: JsonObject = {
	model: "glm-4.7",
	max_tokens: 100,
	tools: [LONG, TWIN, SHORT].map((name) => ({ name, input_schema: SCHEMA })),
	tool_choice: { type: "tool", name: LONG },
	messages: [
		{ role: "user", content: "Hi" },
		{ role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: LONG, input: {} }] },
		{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "1" }] },
	],
};
const context: AnswerContext = { model: "sonnet", id: "1", request, nowSeconds: 1 };

type Named = { readonly function: { readonly name: string } };
type Sent = {
	readonly tools: readonly Named[];
	readonly tool_choice: Named;
	readonly messages: readonly { readonly tool_calls?: readonly Named[] }[];
};

const sent = translateRequest("anthropic", "openai", request) as unknown as Sent;
const names = sent.tools.map((tool) => tool.function.name);
const calls = names.map((name, index) => ({
	...{ index, id: `call_${index}`, type: "function" },
	function: { name, arguments: "{}" },
}));

test("a name longer than OpenAI's vendors take is shortened alike wherever it stands", () => {
	const [long = "", twin = "", short = ""] = names;
	expect(long).toMatch(/^mcp__documents_[\w-]{1,49}$/);
	expect(long).toHaveLength(64);
	expect(twin).toHaveLength(64);
	expect(twin).not.toBe(long);
	expect(short).toBe(SHORT);
	expect(sent.tool_choice.function.name).toBe(long);
	expect(sent.messages[1]?.tool_calls?.[0]?.function.name).toBe(long);
});

test("an answer calls the tool by the caller's own name", () => {
	const message = { role: "assistant", content: null, tool_calls: calls };
	const answer = { choices: [{ index: 0, message, finish_reason: "tool_calls" }] };
	const told = translateAnswer("openai", "anthropic", answer, context)["content"];
	expect(told).toMatchObject([{ name: LONG }, { name: TWIN }, { name: SHORT }]);
});

test("so does a stream", () => {
	const translator = createStreamTranslator("openai", "anthropic", context);
	const chunk = { choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: "tool_calls" }] };
	const text = translator.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`));
	const told = [...text.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name);
	expect(told).toEqual([LONG, TWIN, SHORT]);
});

test("to Anthropic a name stays as it is", () => {
	expect(translateRequest("anthropic", "anthropic", request)).toBe(request);
});
