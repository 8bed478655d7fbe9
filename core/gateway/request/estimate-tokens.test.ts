import { describe, expect, test } from "@jest/globals";
import { estimateInput } from "./estimate-tokens.ts";
import { scanBody } from "./scan-body.ts";

const base64 = "QUJD".repeat(1_000);
const picture = `iVBORw0KGgoA${base64}`;

function estimate(body: object | string) {
	const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
	return estimateInput(scanBody(bytes), bytes.length, false);
}

function ofParts(...content: readonly object[]) {
	return estimate({ messages: [{ role: "user", content }] });
}

function toImage(source: object): object {
	return { type: "image", source };
}

describe("an estimate", () => {
	test("of words is about what they are: three and a half bytes a token", () => {
		const words = "This is how people write to each other. ".repeat(25);
		const turn = { role: "user", content: [{ type: "text", text: words }] };
		const bytes = 200 * words.length;
		const { inputTokens, documentTokens } = estimate({ model: "auto", messages: Array(200).fill(turn) });
		expect(inputTokens).toBeGreaterThan(bytes / 3.5);
		expect(inputTokens).toBeLessThan((bytes / 3.5) * 1.08);
		expect(documentTokens).toBe(0);
	});

	test("does not pay for space between values", () => {
		const body = {
			messages: [{ role: "user", content: "Hello." }],
			tools: [{ name: "x", y: { z: [1, "a"] } }],
		};
		expect(estimate(JSON.stringify(body, undefined, "\t")).inputTokens).toBe(estimate(body).inputTokens);
	});

	test("of a picture is the same however many bytes it has, and of a document by its bytes", () => {
		const small = ofParts(toImage({ type: "base64", media_type: "image/png", data: picture }));
		const large = ofParts(toImage({ type: "base64", media_type: "image/png", data: picture + base64 }));
		expect(large.inputTokens).toBe(small.inputTokens);
		expect([small.documentTokens, large.documentTokens]).toEqual([0, 0]);
		const data = `JVBERi0x${base64}`;
		const document = ofParts({
			type: "document",
			source: { type: "base64", media_type: "application/pdf", data },
		});
		expect(document.documentTokens).toBe(data.length / 4);
		expect(document.inputTokens).toBeLessThan(small.inputTokens + 50);
	});

	test.each<[string, object | string]>([
		["what is called a file", { type: "file", file: { file_data: `data:image/png;base64,${picture}` } }],
		[
			"an address of another kind",
			{ type: "image_url", image_url: { url: `data:text/plain;base64,${picture}` } },
		],
		["bytes told to be words", { type: "document", source: { media_type: "text/plain", data: picture } }],
		[
			"a name that is hidden",
			`{"type":"document","source":{"medi\\u0061_type":"text/plain","data":"${picture}"}}`,
		],
	])("looks at a picture's beginning, but believes no %s", (_, part) => {
		const text = typeof part === "string" ? part : JSON.stringify(part);
		const { documentTokens } = estimate(`{"messages":[{"role":"user","content":[${text}]}]}`);
		expect(documentTokens).toBeGreaterThanOrEqual(1_000);
	});

	test("of words that are shown as a document is one of words", () => {
		const source = { type: "text", media_type: "text/plain", data: "Some words. ".repeat(100) };
		expect(ofParts({ type: "document", source }).documentTokens).toBe(0);
	});

	test.each<[string, object | string]>([
		["by address", { type: "document", source: { type: "url", url: "https://a.test/x.pdf" } }],
		["by its number", { type: "file", file: { file_id: "file-1" } }],
		["by address in Responses", { type: "input_file", file_url: "https://a.test/x.pdf" }],
		["under a hidden name", '{"type":"document","source":{"type":"u\\u0072l","url":"https://a.test/x.pdf"}}'],
	])("of a document %s is all a model takes", (_, part) => {
		const text = typeof part === "string" ? part : JSON.stringify(part);
		const figures = estimate(`{"messages":[{"role":"user","content":[${text}]}]}`);
		expect(figures.documentTokens).toBe(300_000);
		expect(figures.inputTokensMax).toBeGreaterThan(1_000_000);
	});

	test("is not moved by addresses in the arguments of a tool, nor by letters written as numbers in words", () => {
		const call = { type: "tool_use", id: "t", name: "fetch", input: { url: "https://a.test/x" } };
		const text = { type: "text", text: String.raw`In Python "\u0061" is a, é is written \u00e9. `.repeat(3) };
		expect(ofParts(call, text).documentTokens).toBe(0);
	});
});
