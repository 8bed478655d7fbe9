import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Finish, JsonObject } from "./dialect.ts";
import { createStreamTranslator, translateAnswer, translateRequest } from "./dialect.ts";
import { createAnthropicPieceReader } from "./streams/anthropic-pieces.ts";
import { createAnthropicWriter } from "./streams/anthropic-writer.ts";
import type { Piece } from "./streams/piece.ts";
import { createSseParser } from "./streams/sse-parser.ts";
import { CONTEXT } from "./testing/chunkings.ts";

const text = fc
	.string({ unit: "grapheme", minLength: 1, maxLength: 30 })
	.filter((value) => value.trim() !== "");
const input = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const tools = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/), name, input }), {
	selector: (tool) => tool.id,
	maxLength: 4,
});
const tokens = fc.nat({ max: 100_000 });
const usage = fc.record({ fresh: tokens, read: tokens, written: tokens, output: tokens });
const answer = fc.record({
	thinking: fc.array(text, { maxLength: 3 }),
	texts: fc.array(text, { maxLength: 4 }),
	tools,
	usage,
	reason: fc.constantFrom("end_turn", "max_tokens", "refusal"),
});
type Answer = typeof answer extends fc.Arbitrary<infer Value> ? Value : never;

function toMessage({ thinking, texts, tools, usage, reason }: Answer): JsonObject {
	return {
		content: [
			...(thinking.length === 0 ? [] : [{ type: "thinking", thinking: thinking.join(""), signature: "s" }]),
			...(texts.length === 0 ? [] : [{ type: "text", text: texts.join("") }]),
			...tools.map((tool) => ({ type: "tool_use", ...tool })),
		],
		stop_reason: tools.length > 0 && reason === "end_turn" ? "tool_use" : reason,
		stop_sequence: null,
		usage: {
			input_tokens: usage.fresh,
			cache_read_input_tokens: usage.read,
			cache_creation_input_tokens: usage.written,
			output_tokens: usage.output,
			output_tokens_details: { thinking_tokens: 0 },
		},
	};
}

test("text, thinking, arguments, reasons and usage of a whole answer survive the way there and back", () => {
	fc.assert(
		fc.property(answer, (value) => {
			const message = JSON.parse(JSON.stringify(toMessage(value))) as JsonObject;
			const chat = translateAnswer("anthropic", "openai", message, CONTEXT);
			const back = JSON.parse(
				JSON.stringify(translateAnswer("openai", "anthropic", chat, CONTEXT)),
			) as JsonObject;
			const content = (back["content"] as JsonObject[]).map((block) =>
				block["type"] === "thinking" ? { ...block, signature: "s" } : block,
			);
			expect({ ...back, content }).toMatchObject(message);
		}),
	);
});

/** A stream in Anthropic's dialect, as a provider would cut its words. */
function toStream({ thinking, texts, tools, usage, reason }: Answer): string {
	const writer = createAnthropicWriter(CONTEXT);
	let stream = writer.start(undefined);
	for (const [block, words] of [
		["thinking", thinking],
		["text", texts],
	] as const) {
		if (words.length === 0) continue;
		stream += writer.block({ kind: "open", block });
		for (const word of words) stream += writer.block({ kind: "delta", text: word });
		stream += writer.block({ kind: "close" });
	}
	for (const { id, name, input } of tools) {
		stream += writer.block({ kind: "open", block: "tool", id, name });
		for (const piece of JSON.stringify(input).match(/[\s\S]{1,7}/g) ?? []) {
			stream += writer.block({ kind: "delta", text: piece });
		}
		stream += writer.block({ kind: "close" });
	}
	const finish = { end_turn: "stop", max_tokens: "length", refusal: "content-filter" }[reason] as Finish;
	const isTool = tools.length > 0 && finish === "stop";
	return (
		stream +
		writer.finish(
			{ finish: isTool ? "tool" : finish, stopSequence: undefined },
			{
				inputTokens: usage.fresh + usage.read + usage.written,
				outputTokens: usage.output,
				cacheReadTokens: usage.read,
				cacheWriteTokens: usage.written,
				reasoningTokens: 0,
			},
		)
	);
}

/** What a stream in Anthropic's dialect says, neighbouring words joined. */
function readStream(stream: string): object {
	const reader = createAnthropicPieceReader();
	const pieces: Piece[] = [];
	const parser = createSseParser(
		({ data }) => pieces.push(...reader(data)),
		() => undefined,
	);
	parser.push(stream);
	parser.end();
	const join = (kind: Piece["kind"]): string =>
		pieces.map((piece) => (piece.kind === kind && "text" in piece ? piece.text : "")).join("");
	return {
		text: join("text"),
		thinking: join("thinking"),
		arguments: join("arguments"),
		rest: pieces.filter((piece) => ["tool", "finish", "usage", "done"].includes(piece.kind)),
	};
}

test("text, thinking, arguments, reasons and usage of a stream survive the way there and back", () => {
	fc.assert(
		fc.property(answer, (value) => {
			const stream = toStream(value);
			const there = createStreamTranslator("anthropic", "openai", CONTEXT);
			const chat = there.push(new TextEncoder().encode(stream)) + there.end();
			const back = createStreamTranslator("openai", "anthropic", CONTEXT);
			const message = back.push(new TextEncoder().encode(chat)) + back.end();
			expect(readStream(message)).toEqual(readStream(stream));
		}),
	);
});

const image = fc.constantFrom(
	{ type: "image_url", image_url: { url: "https://a.test/b.png" } },
	{ type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
);
const part = fc.oneof(
	text.map((value) => ({ type: "text", text: value })),
	image,
);
const round = fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 3 }), said: text, tools });

test("a conversation with images and rounds of tools survives the way there and back", () => {
	fc.assert(
		fc.property(fc.option(text), fc.array(round, { minLength: 1, maxLength: 4 }), (system, rounds) => {
			const messages = rounds.flatMap(({ parts, said, tools }, index) => {
				const calls = tools.map((tool) => ({ ...tool, id: `${index}_${tool.id}` }));
				return [
					{ role: "user", content: parts },
					{
						role: "assistant",
						content: said,
						...(calls.length === 0 ? {} : { tool_calls: calls.map(toCall) }),
					},
					...calls.map((call) => ({
						role: "tool",
						tool_call_id: call.id,
						content: `result of ${call.name}`,
					})),
				];
			});
			const all = [
				...(system === null ? [] : [{ role: "system", content: system }]),
				...messages,
				{ role: "user", content: "?" },
			];
			const body = { model: "glm-4.7", max_tokens: 9, messages: all };
			const there = translateRequest("openai", "anthropic", body);
			expect(normalize(translateRequest("anthropic", "openai", there))).toEqual(normalize(body));
		}),
	);
});

function toCall({ id, name, input }: { id: string; name: string; input: object }): object {
	return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

/** One text or its parts, one user message or two neighbours: the same said in two ways. */
function normalize(body: JsonObject): JsonObject {
	const messages: { role: unknown; content: unknown[]; rest: object }[] = [];
	for (const message of body["messages"] as JsonObject[]) {
		const { role, content, ...rest } = message;
		const parts = Array.isArray(content) ? content : [{ type: "text", text: content }];
		const last = messages.at(-1);
		if (role === "user" && last?.role === "user") last.content.push(...parts);
		else messages.push({ role, content: [...parts], rest });
	}
	return {
		...body,
		messages: messages.map(({ content, ...message }) => ({
			...message,
			content: joinTexts(content as JsonObject[]),
		})),
	};
}

function joinTexts(parts: readonly JsonObject[]): string {
	return parts.map((part) => (part["type"] === "text" ? part["text"] : JSON.stringify(part))).join("\n");
}
