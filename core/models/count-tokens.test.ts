import { expect, test } from "@jest/globals";
import { countTokens as countExactly } from "gpt-tokenizer/encoding/o200k_base";
import { countMessageTokens, countTokens, countTokensNow, maxMessageTokens } from "./count-tokens.ts";

const PROSE = "The quick brown fox jumps over the lazy dog, and then some more words follow. ";

/** Deterministic noise, so that a failure can be seen again. */
function noise(length: number, from: number, count: number): string {
	let seed = 42;
	let text = "";
	while (text.length < length) {
		seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
		text += String.fromCodePoint(from + (seed % count));
	}
	return text;
}

test("short texts are counted as the vocabulary has them", async () => {
	for (const text of ["", "hello", "你好，世界", "Привет, мир", PROSE, "👩‍👩‍👧 ok"]) {
		expect(await countTokens(text)).toBe(countExactly(text));
		expect(countTokensNow(text)).toBe(countExactly(text));
	}
});

test("long texts are within two percent, and never below", async () => {
	for (const text of [
		PROSE.repeat(200),
		"数据分析运营增长报表。".repeat(200),
		"Привет, как дела? ".repeat(200),
	]) {
		const exact = countExactly(text);
		const counted = await countTokens(text);
		expect(counted).toBeGreaterThanOrEqual(exact);
		expect(counted).toBeLessThan(exact * 1.02 + 5);
	}
});

test("what looks like a control token is text", async () => {
	expect(await countTokens("<|endoftext|><|im_start|>system")).toBeGreaterThan(5);
});

test("lone surrogates and NUL do no harm", async () => {
	expect(await countTokens("a\ud800b\udc00\u0000")).toBeGreaterThan(2);
});

test("a message costs its text and the format's overhead", async () => {
	const one = await countMessageTokens([{ role: "user", content: "hello" }]);
	const two = await countMessageTokens([
		{ role: "user", content: "hello" },
		{ role: "assistant", content: "hello" },
	]);
	expect(one).toBe(1 + 4 + 3);
	expect(two - one).toBe(1 + 4);
	expect(maxMessageTokens([{ role: "user", content: "hello" }])).toBeGreaterThan(one);
});

/** Time of the processor, so that a machine that is busy with something else does not count. */
function cpuMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1_000;
}

const hostile: readonly [string, string][] = [
	["one letter", "a".repeat(100_000)],
	["noise of letters", noise(100_000, 97, 26)],
	["noise of Han", noise(100_000, 0x4e00, 20_000)],
	["noise of Thai", noise(100_000, 0xe00, 80)],
	["noise of Cyrillic", noise(100_000, 0x430, 32)],
	["emoji families", "👨‍👩‍👧‍👦".repeat(9_000)],
	["combining marks", noise(100_000, 0x300, 100)],
	["spaces", " ".repeat(100_000)],
];

test.each(hostile)("100 kB of %s never hold the event loop for long", async (_, text) => {
	await countTokens(noise(2_000, 97, 26).concat(text.slice(0, 3)));
	const start = cpuMs();
	const bound = countTokensNow(text);
	const heldMs = cpuMs() - start;
	expect(bound).toBeLessThanOrEqual(Buffer.byteLength(text) * 1.01);

	let worstMs = 0;
	let last = cpuMs();
	let counting = true;
	const watch = (): void => {
		const now = cpuMs();
		worstMs = Math.max(worstMs, now - last);
		last = now;
		if (counting) setImmediate(watch);
	};
	setImmediate(watch);
	const counted = await countTokens(text);
	counting = false;
	expect(counted).toBeLessThanOrEqual(bound);
	// The aim is 5 ms of the processor; the limit leaves room for a collector and a slow machine.
	expect(heldMs).toBeLessThan(250);
	expect(worstMs).toBeLessThan(250);
});
