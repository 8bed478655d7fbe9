import { expect, test } from "@jest/globals";
import { countInput } from "./count-input.ts";

const messages = [{ role: "user", content: "Hello, how are you?" }];

test("what could be asked is counted, also without a length", async () => {
	expect(
		await countInput("anthropic", Buffer.from(JSON.stringify({ model: "a", messages }))),
	).toBeGreaterThan(5);
});

test.each<[string, object]>([
	["model", { messages }],
	["messages", { model: "a" }],
	["messages", { model: "a", messages: [] }],
	["messages", { model: "a", messages: "x" }],
	["messages", { model: "a", messages: Array(1_500).fill(messages[0]) }],
	["tools", { model: "a", messages, tools: [{ type: "web_search_20250305", name: "web_search" }] }],
])("a wrong field %s is named as for the call itself (%#)", async (field, body) => {
	await expect(countInput("anthropic", Buffer.from(JSON.stringify(body)))).rejects.toMatchObject({
		code: "REQUEST_INVALID",
		details: { reason: "field-invalid", field },
	});
});
