import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { tailFrames } from "./tail-frames.ts";

function toFrame(stream: number, text: string): Buffer {
	const body = Buffer.from(text);
	const header = Buffer.alloc(8);
	header.writeUInt8(stream, 0);
	header.writeUInt32BE(body.length, 4);
	return Buffer.concat([header, body]);
}

/** In pieces of so many bytes. */
function* cut(bytes: Buffer, size: number): Generator<Buffer> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("what a container wrote", () => {
	const frames = Buffer.concat([
		toFrame(1, "one\n"),
		toFrame(2, "zwei – двa\n"),
		toFrame(1, ""),
		toFrame(1, "three\n"),
	]);

	test.each([1, 3, 7, 8, 9, 1_000])("is the same in pieces of %i bytes", async (size) => {
		const read = await tailFrames(Readable.from(cut(frames, size)), 1_000);
		expect(read).toEqual({ text: "one\nzwei – двa\nthree\n", isCut: false });
	});

	test("is cut to its last part", async () => {
		const many = Buffer.concat(Array.from({ length: 1_000 }, (_, line) => toFrame(1, `line ${line}\n`)));
		const read = await tailFrames(Readable.from(cut(many, 64)), 40);
		expect(read.isCut).toBe(true);
		expect(read.text).toHaveLength(40);
		expect(read.text.endsWith("line 998\nline 999\n")).toBe(true);
	});

	test("that ends in the midst of a frame is told as far as it goes", async () => {
		expect((await tailFrames(Readable.from(cut(frames.subarray(0, 10), 4)), 100)).text).toBe("on");
	});
});
