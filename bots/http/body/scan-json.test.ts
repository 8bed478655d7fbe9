import { describe, expect, test } from "@jest/globals";
import { scanJson } from "./scan-json.ts";

describe("scanning JSON", () => {
	test.each([
		["1", 0],
		["{}", 1],
		['{"a":[{}]}', 3],
		['{"a":"[[[[{{"}', 1],
		['{"a\\"[":1}', 1],
		["[[[[[[[[[[[[", 6],
	])("%s is as deep as it is, up to the limit", (text, depth) => {
		expect(scanJson(text, 5).depth).toBe(depth);
	});

	test("finds keys that occur twice in the outermost object, and only there", () => {
		expect(scanJson('{"a":1,"b":"a","a":2,"c":{"x":1,"x":2},"d":["a","a"]}', 32).duplicateKeys).toEqual([
			"a",
		]);
	});

	test("takes a bomb of a million brackets in no time", () => {
		expect(scanJson("[".repeat(1_000_000), 32).depth).toBe(33);
	});

	test("ends on strings that never do", () => {
		expect(scanJson('{"a\\', 32)).toEqual({ depth: 1, duplicateKeys: [] });
	});
});
