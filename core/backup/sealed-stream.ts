import { createCipheriv, createDecipheriv } from "node:crypto";
import { BackupError } from "./backup-error.ts";

/** A key of 256 bits that seals one stream and never another, and what every chunk is bound to. */
export type StreamKey = { readonly bytes: Buffer; readonly boundTo: Buffer };

const ALGORITHM = "aes-256-gcm";
const CHUNK_BYTES = 65_536;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Whether it is the last one, and how many bytes are sealed in it. */
const HEAD_BYTES = 5;

/**
 * Cuts a stream into chunks and seals each with AES-256-GCM. Number and "this is the last one" are bound to each chunk, so that
 * chunks which are left out, repeated, swapped or cut off at the end do not open. One last chunk always comes, an empty one too.
 */
export async function* sealStream(key: StreamKey, plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let number = 0;
	// one chunk waits, since only the end of the stream tells whether it is the last one
	let waiting: Buffer[] = [];
	let bytes = 0;
	for await (const part of plain) {
		waiting.push(part);
		bytes += part.length;
		if (bytes <= CHUNK_BYTES) continue;
		let rest = Buffer.concat(waiting);
		for (; rest.length > CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES)) {
			yield sealChunk(key, { number, isLast: false }, rest.subarray(0, CHUNK_BYTES));
			number += 1;
		}
		waiting = [rest];
		bytes = rest.length;
	}
	yield sealChunk(key, { number, isLast: true }, Buffer.concat(waiting));
}

/** Gives out only bytes that are authentic. @throws BackupError as soon as something was changed, and at the end when it is missing. */
export async function* openStream(key: StreamKey, sealed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	let number = 0;
	let rest: Buffer = Buffer.alloc(0);
	let isComplete = false;
	for await (const part of sealed) {
		if (isComplete) throw new BackupError("there is something after the end of the backup");
		rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
		for (let found = findChunk(rest); found !== undefined; found = findChunk(rest)) {
			if (isComplete) throw new BackupError("there is something after the end of the backup");
			yield openChunk(key, { number, isLast: found.isLast }, found.body);
			number += 1;
			isComplete = found.isLast;
			rest = rest.subarray(found.lengthBytes);
		}
		if (isComplete && rest.length > 0)
			throw new BackupError("there is something after the end of the backup");
	}
	if (!isComplete) throw new BackupError("the backup is cut off: its end is missing");
}

type Position = { readonly number: number; readonly isLast: boolean };

function sealChunk({ bytes, boundTo }: StreamKey, position: Position, plain: Buffer): Buffer {
	const cipher = createCipheriv(ALGORITHM, bytes, toNonce(position), { authTagLength: TAG_BYTES });
	cipher.setAAD(toAssociatedData(boundTo, position));
	const head = Buffer.alloc(HEAD_BYTES);
	head.writeUInt8(position.isLast ? 1 : 0);
	head.writeUInt32BE(plain.length, 1);
	const sealed = cipher.update(plain);
	cipher.final();
	return Buffer.concat([head, sealed, cipher.getAuthTag()]);
}

function openChunk({ bytes, boundTo }: StreamKey, position: Position, body: Buffer): Buffer {
	const decipher = createDecipheriv(ALGORITHM, bytes, toNonce(position), { authTagLength: TAG_BYTES });
	decipher.setAAD(toAssociatedData(boundTo, position));
	decipher.setAuthTag(body.subarray(-TAG_BYTES));
	const plain = decipher.update(body.subarray(0, -TAG_BYTES));
	try {
		decipher.final();
	} catch (error) {
		throw new BackupError(`the backup was changed: part ${position.number + 1} does not open`, {
			cause: error,
		});
	}
	return plain;
}

/** The first chunk of what has arrived; undefined while some of it is missing. */
function findChunk(
	arrived: Buffer,
): { readonly isLast: boolean; readonly body: Buffer; readonly lengthBytes: number } | undefined {
	if (arrived.length < HEAD_BYTES) return undefined;
	const flag = arrived.readUInt8();
	const sealedBytes = arrived.readUInt32BE(1);
	// Before anything is believed of a length: it decides how much is kept in memory.
	if (flag > 1 || sealedBytes > CHUNK_BYTES) {
		throw new BackupError("the backup was changed: a part has an impossible length");
	}
	const lengthBytes = HEAD_BYTES + sealedBytes + TAG_BYTES;
	if (arrived.length < lengthBytes) return undefined;
	return { isLast: flag === 1, body: arrived.subarray(HEAD_BYTES, lengthBytes), lengthBytes };
}

/** The number itself: no nonce occurs twice, since a key seals one stream only. */
function toNonce({ number }: Position): Buffer {
	const nonce = Buffer.alloc(NONCE_BYTES);
	nonce.writeBigUInt64BE(BigInt(number), NONCE_BYTES - 8);
	return nonce;
}

function toAssociatedData(boundTo: Buffer, { number, isLast }: Position): Buffer {
	const place = Buffer.alloc(9);
	place.writeBigUInt64BE(BigInt(number));
	place.writeUInt8(isLast ? 1 : 0, 8);
	return Buffer.concat([boundTo, place]);
}
