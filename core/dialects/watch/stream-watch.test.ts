import { expect, test } from "@jest/globals";
import type { StreamReader } from "../dialect.ts";
import { createStreamReader } from "../dialect.ts";
import { loadRecordings } from "../testing/recordings.ts";

const recordings = loadRecordings();
/** A call of Anthropic's own tool is output too; "no arguments" is not worth two bytes. */
const MEASURED_OTHERWISE = new Set([
	"anthropic/server-tool-and-citations",
	"anthropic/tool-without-arguments",
]);

function read(dialect: "openai" | "anthropic", ...chunks: readonly (string | Uint8Array)[]): StreamReader {
	const reader = createStreamReader(dialect);
	for (const chunk of chunks)
		reader.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
	reader.end();
	return reader;
}

test.each(recordings)("$name: what it says about itself", (recording) => {
	const reader = read(recording.dialect, recording.bytes);
	const { usage, finish, textBytes, errorInBody } = reader.reading();
	expect(usage).toEqual(recording.usage ?? undefined);
	expect(finish).toBe(recording.finish ?? undefined);
	expect(errorInBody === undefined).toBe(recording.ends !== "error");
	expect(reader.isFinished()).toBe(
		recording.finish !== null || recording.name === "openai/openrouter-error-in-the-middle",
	);
	const { text, thinking, refusal, tools } = recording;
	const said = text + thinking + refusal + tools.map(([, , json]) => json).join("");
	if (!MEASURED_OTHERWISE.has(recording.name)) expect(textBytes).toBe(Buffer.byteLength(said));
	expect(reader.hasContent()).toBe(said !== "");
});

test("a stream that broke off has no usage to believe, though its first event named some", () => {
	const cut = recordings.find(({ name }) => name === "anthropic/cut-between-events");
	expect(cut === undefined ? undefined : read(cut.dialect, cut.bytes).reading()).toMatchObject({
		usage: undefined,
		finish: undefined,
	});
});

test("words that look like fields are text", () => {
	const content = '{"usage":{"prompt_tokens":1},"finish_reason":"stop","error":{}} "content":"x" \\" \\\\';
	const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content } }] });
	const reader = read("openai", `data: ${chunk}\n\n`);
	expect(reader.reading()).toMatchObject({
		textBytes: Buffer.byteLength(content),
		usage: undefined,
		finish: undefined,
	});
	expect(reader.isFinished()).toBe(false);
});

test("a call without arguments is content too", () => {
	const start = { index: 0, id: "c", type: "function", function: { name: "f", arguments: "" } };
	const reader = read(
		"openai",
		`data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [start] } }] })}\n\n`,
	);
	expect(reader.hasContent()).toBe(true);
});

test("a line without an end is not kept", () => {
	const megabyte = "x".repeat(1024 * 1024);
	const reader = read("openai", `data: ${megabyte}`, megabyte, "\n\ndata: [DONE]\n\n");
	expect(reader.reading().errorInBody).toContain("line");
	expect(reader.isFinished()).toBe(false);
});

test.each([
	["negative", { prompt_tokens: -1, completion_tokens: 1 }],
	["a text", { prompt_tokens: "1", completion_tokens: 1 }],
	["too large", { prompt_tokens: 2 ** 31, completion_tokens: 1 }],
	["a fraction", { prompt_tokens: 1, completion_tokens: 1.5 }],
	["no object", 7],
])("usage that is %s counts as none", (_, usage) => {
	const reader = read("openai", `data: ${JSON.stringify({ choices: [], usage })}\n\n`);
	expect(reader.reading().usage).toBeUndefined();
});
