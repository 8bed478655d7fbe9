import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
	createLinkCode,
	createTypedCode,
	findBindCode,
	formatTypedCode,
	hashCode,
	parseCode,
} from "./code.ts";

describe("bind codes", () => {
	test.each([10, 16] as const)("of %i characters survive being printed, found and parsed", (length) => {
		for (let round = 0; round < 500; round++) {
			const code = createTypedCode(length);
			expect(code).toHaveLength(length);
			const printed = formatTypedCode(code);
			expect(parseCode(printed)).toBe(code);
			expect(findBindCode(printed)).toBe(code);
			expect(findBindCode(` ${printed.toLowerCase()}\n`)).toBe(code);
		}
	});

	test("do not repeat", () => {
		expect(new Set(Array.from({ length: 2_000 }, () => createTypedCode(10))).size).toBe(2_000);
		expect(new Set(Array.from({ length: 2_000 }, createLinkCode)).size).toBe(2_000);
	});

	test("for deep links are 128 bits in 22 base64url characters", () => {
		const code = createLinkCode();
		expect(code).toMatch(/^[A-Za-z0-9_-]{22}$/);
		expect(Buffer.from(code, "base64url")).toHaveLength(16);
		expect(parseCode(code)).toBe(code);
	});

	test.each([
		["lower case", "abcde-12345", "ABCDE12345"],
		["O for 0", "ABCDE-1O345", "ABCDE10345"],
		["o for 0", "abcde-1o345", "ABCDE10345"],
		["I and L for 1", "ABCDE-IL345", "ABCDE11345"],
		["i and l for 1", "abcde-il345", "ABCDE11345"],
		["full width", "ＡＢＣＤＥ－１２３４５", "ABCDE12345"],
		["a long dash", "ABCDE—12345", "ABCDE12345"],
		["no dash", "ABCDE12345", "ABCDE12345"],
		["spaces", "  ABCDE 12345 ", "ABCDE12345"],
		["four groups", "abcd-efgh-1234-5678", "ABCDEFGH12345678"],
	])("are normalised: %s", (_, input, expected) => {
		expect(parseCode(input)).toBe(expected);
	});

	test.each([
		["nothing", ""],
		["a U, which Crockford leaves out", "UBCDE-12345"],
		["one too short", "ABCDE-1234"],
		["one too long", "ABCDE-123456"],
		["65 characters", "A".repeat(65)],
		["a NUL", "ABCDE-1234\0"],
		["a percent escape", "%00ABCDE12345ABCDE12345"],
		["Cyrillic look-alikes", "АВСDE-12345"],
		["quotes", "ABCDE'--1234"],
		["21 base64url characters", "abcdefghijklmnopqrs_u"],
	])("are refused: %s", (_, input) => {
		expect(parseCode(input)).toBeUndefined();
	});

	test.each([
		["a word", "basketball"],
		["two words of five letters", "hello-world"],
		["a phone number", "20261-12014"],
		["a card number", "1234-5678-9012-3456"],
		["a code without its dash", "ABCDE12345"],
		["a code inside a sentence", "my code is ABCDE-12345"],
		["a date and time", "2026-11-20"],
		["a long text", "ABCDE-12345 ".repeat(20)],
	])("sent bare are told from %s", (_, text) => {
		expect(findBindCode(text)).toBeUndefined();
	});

	test("parsing any text never throws and gives only what can be hashed", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
				const parsed = parseCode(text);
				expect(parsed === undefined || /^([0-9A-Z]{10}|[0-9A-Z]{16}|[\w-]{22})$/.test(parsed)).toBe(true);
				findBindCode(text);
			}),
		);
	});

	test("are stored under the pepper", () => {
		expect(hashCode("a", "ABCDE12345").equals(hashCode("b", "ABCDE12345"))).toBe(false);
		expect(hashCode("a", "ABCDE12345")).toHaveLength(32);
	});
});
