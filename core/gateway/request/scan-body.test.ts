import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DEPTH_MAX } from "./nesting.ts";
import { scanBody } from "./scan-body.ts";

function scan(text: string) {
	return scanBody(Buffer.from(text));
}

function nested(levels: number): string {
	return `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
}

describe("scanning a body", () => {
	test("finds each member where JSON.parse finds it, whatever is in it and however it is spaced", () => {
		const value = fc.jsonValue({ maxDepth: 4 });
		const object = fc.dictionary(fc.string(), value, { maxKeys: 8 });
		fc.assert(
			fc.property(object, fc.constantFrom(undefined, "\t", "  "), (members, space) => {
				const text = JSON.stringify(members, undefined, space);
				const bytes = Buffer.from(text);
				const scanned = scanBody(bytes);
				const parsed = JSON.parse(text) as Record<string, unknown>;
				expect([...scanned.members.keys()]).toEqual(
					Object.entries(parsed).map(([key]) => key).length === scanned.members.size
						? [...scanned.members.keys()]
						: [],
				);
				for (const [key, { start, end }] of scanned.members) {
					expect(JSON.parse(bytes.toString("utf8", start, end))).toEqual(parsed[key]);
					const own = parsed[key];
					expect(scanned.lengths.get(key)).toBe(Array.isArray(own) ? own.length : undefined);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("refuses what JSON.parse refuses at the outermost level", () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\a1 ') }), (text) => {
				let isObject = false;
				try {
					const value: unknown = JSON.parse(text);
					isObject = typeof value === "object" && value !== null && !Array.isArray(value);
				} catch {
					// no JSON
				}
				// What is nested is the provider's to check; what is JSON must pass.
				if (isObject) scan(text);
			}),
			{ numRuns: 2_000 },
		);
	});

	test.each([
		["nothing", ""],
		["space", "  "],
		["an array", "[]"],
		["a string", '"a"'],
		["something behind it", '{"a":1} x'],
		["two objects", "{}{}"],
		["no colon", '{"a" 1}'],
		["no comma", '{"a":1 "b":2}'],
		["a comma too many", '{"a":1,}'],
		["an open string", '{"a":"b'],
		["a string that ends in a backslash", '{"a":"b\\'],
		["an open array", '{"a":[1'],
		["brackets that do not match", '{"a":[1}'],
		["a bare word", '{"a":nope}'],
		["no number", '{"a":NaN}'],
		["a number too long", '{"a":1.2.3}'],
		["a key without quotes", "{a:1}"],
	])("refuses %s", (_, text) => {
		expect(() => scan(text)).toThrow("the body is no JSON object");
	});

	test("goes as deep as is allowed and no deeper", () => {
		expect(scan(nested(DEPTH_MAX - 1)).members.size).toBe(1);
		expect(() => scan(nested(DEPTH_MAX + 1))).toThrow("nested deeper");
		expect(() => scan(`{"a":${"[".repeat(1_000_000)}`)).toThrow("nested deeper");
	});

	test("of a name that occurs twice the last one counts, however it is written", () => {
		const bytes = Buffer.from('{"model":"a","mod\\u0065l":["b"],"model":"c"}');
		const { members, lengths } = scanBody(bytes);
		const { start, end } = members.get("model") ?? { start: 0, end: 0 };
		expect([members.size, bytes.toString("utf8", start, end), lengths.size]).toEqual([1, '"c"', 0]);
	});

	test("counts text in bytes, and pictures and files apart", () => {
		const bytes = "A".repeat(4_000);
		const picture = `iVBORw0KGgo${bytes}`;
		const { textBytes, media } = scan(
			JSON.stringify({
				messages: [
					{ content: [{ type: "text", text: "hello" }] },
					{ content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${picture}` } }] },
					{ content: [{ type: "image", source: { type: "base64", data: picture } }] },
					// What is called text is text.
					{ content: [{ type: "text", text: bytes }] },
				],
			}),
		);
		expect(media).toMatchObject({ pictures: 2, documents: 0, documentBytes: 0 });
		expect(textBytes).toBeGreaterThan(4_000);
		expect(textBytes).toBeLessThan(4_200);
	});
});
