import { expect, test } from "@jest/globals";
import type { DialectError, Surface } from "../dialect.ts";
import { createStreamTranslator } from "../dialect.ts";
import { CONTEXT } from "../testing/chunkings.ts";

const QUOTA: DialectError = {
	status: 402,
	code: "BILLING_QUOTA_EXCEEDED",
	message: "No tokens are left today.",
	requestId: "req_7",
};
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const toChunk = (delta: object, finish?: string): string =>
	`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish ?? null }] })}\n\n`;
const toCall = (index: number, fields: object): string => toChunk({ tool_calls: [{ index, ...fields }] });

test.each<[Surface, RegExp]>([
	[
		"anthropic",
		/^event: error\ndata: \{"type":"error","error":\{"type":"billing_error".*"code":"BILLING_QUOTA_EXCEEDED"/,
	],
	[
		"responses",
		/^event: error\ndata: \{"type":"error","sequence_number":\d+,"code":"BILLING_QUOTA_EXCEEDED"/,
	],
	["openai", /^\n\ndata: \{"error":\{.*"type":"insufficient_quota".*"code":"BILLING_QUOTA_EXCEEDED"/],
])("our own failure in mid-stream, for %s; nothing comes after it", (surface, expected) => {
	const translator = createStreamTranslator("openai", surface, CONTEXT);
	translator.push(encode(toChunk({ content: "Hi" })));
	expect(translator.fail(QUOTA)).toMatch(expected);
	expect(translator.push(encode(toChunk({ content: "more" })))).toBe("");
	expect(translator.fail(QUOTA)).toBe("");
	expect(translator.end()).toBe("");
});

test("text reaches the caller with the piece of the stream that completes its event", () => {
	const translator = createStreamTranslator("openai", "anthropic", CONTEXT);
	expect(translator.push(encode(toChunk({ content: "Hi" })))).toContain('"text":"Hi"');
});

test("a second call waits only until the first one's arguments are whole", () => {
	const translator = createStreamTranslator("openai", "anthropic", CONTEXT);
	translator.push(encode(toCall(0, { id: "a", function: { name: "f", arguments: '{"x":' } })));
	expect(translator.push(encode(toCall(1, { id: "b", function: { name: "g", arguments: "{" } })))).toBe("");
	const both = translator.push(encode(toCall(0, { function: { arguments: "1}" } })));
	expect(both).toMatch(/"partial_json":"1}".*content_block_stop.*"name":"g".*"partial_json":"\{"/s);
	expect(translator.push(encode(toCall(1, { function: { arguments: "}" } })))).toContain(
		'"partial_json":"}"',
	);
});

test("a call whose arguments never came has an empty object", () => {
	for (const surface of ["anthropic", "responses"] as const) {
		const translator = createStreamTranslator("openai", surface, CONTEXT);
		const stream = toCall(0, { id: "a", function: { name: "f", arguments: "" } }) + toChunk({}, "tool_calls");
		expect(translator.push(encode(stream)) + translator.end()).toMatch(/"(?:delta|partial_json)":"\{\}"/);
	}
});

test("a call without id gets one, the same in every run", () => {
	const stream = encode(toCall(0, { function: { name: "f", arguments: "{}" } }));
	const ids = [1, 2].map(() => {
		const translator = createStreamTranslator("openai", "anthropic", CONTEXT);
		return /"tool_use","id":"([^"]+)"/.exec(translator.push(stream))?.[1];
	});
	expect(ids).toEqual(["call_req_7_1", "call_req_7_1"]);
});

test("usage is told to a caller of chat completions only when he asked for it", () => {
	const quiet = createStreamTranslator("anthropic", "openai", { ...CONTEXT, request: { stream: true } });
	const events = [
		{ type: "message_start", message: { usage: { input_tokens: 1, output_tokens: 1 } } },
		{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
		{ type: "message_stop" },
	];
	const stream = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
	const text = quiet.push(encode(stream)) + quiet.end();
	expect(text).toMatch(/"finish_reason":"stop".*\[DONE\]/s);
	expect(text).not.toContain("usage");
});

test.each(["<html>502 Bad Gateway</html>", "data: <html>\n\n", ""])(
	"what is no stream ends in an error: %s",
	(body) => {
		const translator = createStreamTranslator("openai", "anthropic", CONTEXT);
		expect(translator.push(encode(body)) + translator.end()).toMatch(/^event: error\n/);
	},
);

test("in the same dialect every byte stays, and a missing end is told", () => {
	const stream = `: hi\r\n\r\n${toChunk({ content: "é", extra: 1 })}`;
	const translator = createStreamTranslator("openai", "openai", CONTEXT);
	expect(translator.push(encode(stream))).toBe(stream);
	expect(translator.end()).toMatch(/^\n\ndata: \{"error":/);
});

test("a stream may go on for ever: nothing of a text is kept for Anthropic and OpenAI", () => {
	const translator = createStreamTranslator("openai", "anthropic", CONTEXT);
	const chunk = encode(toChunk({ content: "x".repeat(1_000) }).repeat(100));
	for (let count = 0; count < 200; count += 1) {
		// 20 MB in all; each piece comes out as it went in.
		expect(translator.push(chunk).length).toBeGreaterThan(100_000);
	}
});
