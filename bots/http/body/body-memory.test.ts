import { expect, test } from "@jest/globals";
import type { BodyMemory } from "./body-memory.ts";
import { createBodyMemory, POOLED_BYTES_MIN } from "./body-memory.ts";

const LONG = 100_000;

function take(memory: BodyMemory, bytes = LONG): Buffer {
	const body = memory.take(bytes);
	if (body === undefined) throw new Error("no memory for it");
	return body;
}

test("what was given back is used again, for a body of about its size", () => {
	const memory = createBodyMemory();
	const first = take(memory);
	memory.giveBack(first);
	const second = take(memory, LONG - 1);
	expect(second).toHaveLength(LONG - 1);
	expect(second.buffer).toBe(first.buffer);
	expect(take(memory).buffer).not.toBe(first.buffer);
});

test("a body that comes back twice is there once", () => {
	const memory = createBodyMemory();
	const body = take(memory);
	memory.giveBack(body);
	memory.giveBack(body);
	const again = [take(memory), take(memory)].map(({ buffer }) => buffer);
	expect(new Set(again).size).toBe(2);
});

test("what was never taken, and a part of what was, is left alone", () => {
	const memory = createBodyMemory();
	memory.giveBack(Buffer.alloc(LONG));
	memory.giveBack(take(memory).subarray(1));
	expect(memory.idleBytes).toBe(0);
});

test("short and very long bodies are nobody's to keep, and no more is kept than may be", () => {
	const memory = createBodyMemory(3 * 128 * 1024);
	for (const bytes of [0, 1, POOLED_BYTES_MIN - 1, 5_000_000]) expect(memory.take(bytes)).toBeUndefined();
	for (const body of Array.from({ length: 5 }, () => take(memory))) memory.giveBack(body);
	expect(memory.idleBytes).toBe(3 * 128 * 1024);
});
