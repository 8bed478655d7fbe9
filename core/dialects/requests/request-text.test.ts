import { expect, test } from "@jest/globals";
import type { JsonObject, Surface } from "../dialect.ts";
import { countRequestMedia, countRequestText } from "../dialect.ts";

test.each<[Surface, JsonObject, string]>([
	[
		"anthropic",
		{
			system: [{ type: "text", text: "S" }],
			messages: [
				{ role: "user", content: "U" },
				{
					role: "assistant",
					content: [
						{ type: "thinking", thinking: "T" },
						{ type: "tool_use", name: "N", input: { a: 1 } },
					],
				},
				{
					role: "user",
					content: [
						{
							type: "tool_result",
							content: [
								{ type: "text", text: "R" },
								{ type: "image", source: { data: "xxxx" } },
							],
						},
						{ type: "document", source: { type: "base64", data: "xxxx" } },
						{ type: "document", source: { type: "text", data: "D" } },
					],
				},
			],
			tools: [{ name: "F" }],
		},
		'S|U|T|N|{"a":1}|R|D|{"name":"F"}',
	],
	[
		"openai",
		{
			messages: [
				{ role: "system", content: "S" },
				{ role: "assistant", content: null, tool_calls: [{ function: { name: "N", arguments: "{}" } }] },
				{ role: "tool", content: "R" },
				{
					role: "user",
					content: [
						{ type: "text", text: "U" },
						{ type: "image_url", image_url: { url: "data:…" } },
						{ type: "file", file: {} },
					],
				},
			],
			tools: [{ type: "function", function: { name: "F" } }],
		},
		'S|N|{}|R|U|{"name":"F"}',
	],
	[
		"responses",
		{
			instructions: "S",
			input: [
				{
					role: "user",
					content: [{ type: "input_text", text: "U" }, { type: "input_image" }, { type: "input_file" }],
				},
				{ type: "function_call", name: "N", arguments: "{}" },
				{ type: "function_call_output", output: "R" },
			],
			tools: [{ type: "function", name: "F" }],
		},
		'S|U|{}|N|R|{"type":"function","name":"F"}',
	],
])("all text of a request of %s, and what is none", (surface, body, expected) => {
	expect(countRequestText(surface, body).join("|")).toBe(expected);
	expect(countRequestMedia(surface, body)).toEqual({ imageCount: 1, documentCount: 1 });
});

test("nonsense counts as nothing and never throws", () => {
	const deep: unknown = JSON.parse(`${"[".repeat(5_000)}"x"${"]".repeat(5_000)}`);
	for (const messages of [undefined, null, 7, [null, 7, [[]]], deep]) {
		expect(countRequestText("openai", { messages, tools: [null, 7] })).toEqual([]);
	}
});
