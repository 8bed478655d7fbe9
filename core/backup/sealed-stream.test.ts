import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { openStream, sealStream } from "./sealed-stream.ts";
import { inPieces } from "./testing/in-memory.ts";

const CHUNK = 65_536;
const SEALED_CHUNK = CHUNK + 21;
const key = { bytes: randomBytes(32), boundTo: Buffer.from("header") };

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
	const parts: Buffer[] = [];
	for await (const part of source) parts.push(part);
	return Buffer.concat(parts);
}
const sealAll = async (plain: Buffer, pieceBytes?: number) =>
	await collect(sealStream(key, inPieces(plain, pieceBytes)));
const openAll = async (sealed: Buffer, pieceBytes?: number) =>
	await collect(openStream(key, inPieces(sealed, pieceBytes)));

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001])("%i bytes come back", async (size) => {
	const plain = randomBytes(size);
	for (const pieceBytes of [1_000, CHUNK, 1_000_000]) {
		expect(await openAll(await sealAll(plain, pieceBytes), pieceBytes + 7)).toEqual(plain);
	}
});

test("what is sealed shows nothing of the content and has no more than 21 bytes a chunk on top", async () => {
	const sealed = await sealAll(Buffer.alloc(3 * CHUNK, "secret"));
	expect(sealed.includes("secret")).toBe(false);
	expect(sealed.length).toBe(3 * SEALED_CHUNK);
});

test("a flipped bit anywhere does not open", async () => {
	const sealed = await sealAll(randomBytes(300));
	for (let bit = 0; bit < sealed.length * 8; bit += 1) {
		const flipped = Buffer.from(sealed);
		flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
		await expect(openAll(flipped)).rejects.toThrow("the backup");
	}
});

test("chunks that are cut off, left out, swapped, repeated or added do not open", async () => {
	const sealed = await sealAll(randomBytes(4 * CHUNK));
	const chunks = [0, 1, 2, 3].map((at) => sealed.subarray(at * SEALED_CHUNK, (at + 1) * SEALED_CHUNK));
	for (const order of [[], [0], [0, 1, 2], [1, 2, 3], [0, 2, 3], [0, 2, 1, 3], [0, 0, 1, 2, 3], [3]]) {
		const bytes = Buffer.concat(order.map((at) => chunks[at] ?? Buffer.alloc(0)));
		await expect(openAll(bytes)).rejects.toThrow("the backup");
	}
	await expect(openAll(Buffer.concat([sealed, Buffer.from([0])]))).rejects.toThrow("after the end");
	await expect(openAll(Buffer.concat([sealed, ...chunks.slice(3)]), SEALED_CHUNK)).rejects.toThrow(
		"after the end",
	);
	for (let cut = 1; cut < 40; cut += 1)
		await expect(openAll(sealed.subarray(0, -cut))).rejects.toThrow("cut off");
});

test("another header or another key does not open", async () => {
	const sealed = await sealAll(randomBytes(10));
	for (const other of [
		{ ...key, boundTo: Buffer.from("other") },
		{ ...key, bytes: randomBytes(32) },
	]) {
		await expect(collect(openStream(other, inPieces(sealed)))).rejects.toThrow("does not open");
	}
});
