import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { AppError } from "../errors.ts";
import type { JsonObject } from "./dialect.ts";
import {
	countRequestText,
	createStreamReader,
	createStreamTranslator,
	readAnswer,
	translateAnswer,
	translateRequest,
} from "./dialect.ts";
import { CONTEXT, SURFACES } from "./testing/chunkings.ts";

const DIALECTS = ["openai", "anthropic"] as const;

/** Words both dialects know, so that chance gets further than the first check. */
const word = fc.constantFrom(
	..."type text image image_url tool_use tool_result document source content base64 url data input_text input_image".split(
		" ",
	),
	..."function function_call function_call_output role user assistant system tool id call_id tool_call_id name".split(
		" ",
	),
	..."input arguments output tools tool_choice messages thinking delta choices index usage error finish_reason".split(
		" ",
	),
	..."content_block_start content_block_delta message_delta message_start stop_reason message schema json_schema".split(
		" ",
	),
	"__proto__",
	"constructor",
);
const { value } = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		word,
		fc.integer(),
		fc.constantFrom(null, true, "", Number.POSITIVE_INFINITY, -0, "\uD800"),
		fc.array(tie("value"), { maxLength: 3 }),
		fc.dictionary(word, tie("value"), { maxKeys: 5, noNullPrototype: true }),
	),
}));
const message = fc.dictionary(word, value, { maxKeys: 6, noNullPrototype: true });
const body = fc.record(
	{
		model: fc.constantFrom("claude-opus-5-1", "gpt-5.4", "glm-4.7", 7),
		max_tokens: fc.constantFrom(100, null, 0, "1"),
		messages: fc.array(message, { maxLength: 3 }),
		input: fc.option(fc.array(message, { maxLength: 3 })),
		system: fc.option(value),
		tools: fc.option(fc.array(message, { maxLength: 2 })),
		tool_choice: fc.option(value),
		response_format: fc.option(value),
		thinking: fc.option(value),
		metadata: fc.option(value),
	},
	{ requiredKeys: ["model"] },
) as fc.Arbitrary<JsonObject>;

test("whatever a body holds, it becomes a body that can be sent, or the caller is told the field", () => {
	fc.assert(
		fc.property(body, fc.constantFrom(...SURFACES), fc.constantFrom(...DIALECTS), (raw, from, to) => {
			countRequestText(from, raw);
			try {
				JSON.stringify(translateRequest(from, to, raw));
			} catch (error) {
				expect(error).toBeInstanceOf(AppError);
				expect((error as AppError).details).toMatchObject({
					reason: "field-invalid",
					field: expect.any(String),
				});
			}
		}),
		{ numRuns: 3_000 },
	);
});

test("whatever a provider answers, it becomes an answer or the provider's failure", () => {
	fc.assert(
		fc.property(message, fc.constantFrom(...DIALECTS), fc.constantFrom(...SURFACES), (raw, from, to) => {
			readAnswer(from, raw);
			try {
				JSON.stringify(translateAnswer(from, to, raw, CONTEXT));
			} catch (error) {
				expect(error).toMatchObject({ code: "ROUTER_NO_PROVIDER" });
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("whatever a provider streams, nothing throws and the caller's stream comes to an end", () => {
	const event = fc.oneof(
		message,
		message.map((delta) => ({ choices: [{ index: 0, delta }] })),
	);
	fc.assert(
		fc.property(
			fc.array(event, { maxLength: 5 }),
			fc.constantFrom(...DIALECTS),
			fc.constantFrom(...SURFACES),
			(events, from, to) => {
				const bytes = new TextEncoder().encode(
					events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(""),
				);
				const translator = createStreamTranslator(from, to, CONTEXT);
				const text = translator.push(bytes) + translator.end();
				expect(text).toMatch(/\[DONE\]\n\n$|message_stop|response\.(completed|incomplete)|"error"/);
				const reader = createStreamReader(from);
				reader.push(bytes);
				reader.end();
				reader.reading();
			},
		),
		{ numRuns: 1_000 },
	);
});

test("arguments nested too deeply to be written out again are refused", () => {
	const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
	const call = { id: "a", type: "function", function: { name: "f", arguments: deep } };
	const messages = [
		{ role: "user", content: "?" },
		{ role: "assistant", tool_calls: [call] },
		{ role: "tool", tool_call_id: "a", content: "" },
	];
	expect(() => translateRequest("openai", "anthropic", { model: "x", messages })).toThrow(
		expect.objectContaining({ code: "REQUEST_INVALID" }),
	);
});
