import { expect, test } from "@jest/globals";
import type { JsonObject } from "../dialect.ts";
import { translateRequest } from "../dialect.ts";

function translate(model: string, body: JsonObject): JsonObject {
	const messages = [{ role: "user", content: "Hi" }];
	return translateRequest("anthropic", "openai", { model, max_tokens: 100, messages, ...body });
}

const FIVE = ["a", "b", "c", "d", "e"];

test("models that think take no stop sequences; others of OpenAI take four, and more are named", () => {
	expect(translate("gpt-5.2", { stop_sequences: ["a"] })).not.toHaveProperty("stop");
	expect(translate("gpt-4.1", { stop_sequences: FIVE.slice(1) })).toMatchObject({ stop: FIVE.slice(1) });
	expect(() => translate("gpt-4.1", { stop_sequences: FIVE })).toThrow("stop_sequences");
	expect(translate("deepseek-chat", { stop_sequences: FIVE })).toMatchObject({ stop: FIVE });
});

test("a strict tool stays one where its schema is", () => {
	const schema = { type: "object", properties: { a: {} }, required: ["a"], additionalProperties: false };
	const toTool = (input_schema: object) => ({ name: "x", strict: true, input_schema });
	const { tools } = translate("gpt-4.1", { tools: [toTool(schema), toTool({ type: "object" })] });
	expect(tools).toEqual([
		{ type: "function", function: { name: "x", parameters: schema, strict: true } },
		{ type: "function", function: { name: "x", parameters: { type: "object" } } },
	]);
});
