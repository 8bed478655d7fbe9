import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { NamedKey, Place } from "../secrets/envelope.ts";
import { open, readKeyId, SealError, seal } from "../secrets/envelope.ts";
import { BackupError } from "./backup-error.ts";
import type { StreamKey } from "./sealed-stream.ts";

/** Finds the key-encryption key of an id. @throws Error when this machine has no such key. */
export type FindKey = (id: string) => Promise<NamedKey>;

/** What can be read of a backup without its key. */
export type Header = {
	readonly id: string;
	readonly createdAt: string;
	/** The key that seals the content, wrapped by a key-encryption key. */
	readonly wrapped: string;
};

const MAGIC = Buffer.from("ROCKPOOL BACKUP 1\n");
const LENGTH_BYTES = 4;
const HEADER_BYTES_MAX = 4_096;
const KEY_BYTES = 32;
const headerSchema = z.strictObject({ id: z.uuid(), createdAt: z.iso.datetime(), wrapped: z.string() });

/** The beginning of a new backup and the fresh key for the rest of it. */
export function makeHeader(
	kek: NamedKey,
	createdAt: Date,
): { readonly bytes: Buffer; readonly header: Header; readonly key: StreamKey } {
	const id = randomUUID();
	const content = randomBytes(KEY_BYTES);
	const header: Header = {
		id,
		createdAt: createdAt.toISOString(),
		wrapped: seal(kek, toPlace(id), content),
	};
	const json = Buffer.from(JSON.stringify(header));
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt32BE(json.length);
	const bytes = Buffer.concat([MAGIC, length, json]);
	return { bytes, header, key: { bytes: content, boundTo: toPrint(bytes) } };
}

/**
 * Takes the header off the front of a stream and opens the key in it.
 *
 * @throws BackupError when it is no backup, its key-encryption key is missing, or the header was changed
 */
export async function openHeader(
	source: AsyncIterable<Buffer>,
	findKey: FindKey,
): Promise<{ readonly header: Header; readonly key: StreamKey; readonly rest: AsyncIterable<Buffer> }> {
	const parts = source[Symbol.asyncIterator]();
	try {
		const { bytes, after } = await takeHeader(parts);
		const header = parse(bytes.subarray(MAGIC.length + LENGTH_BYTES));
		const key = { bytes: await unwrap(header, findKey), boundTo: toPrint(bytes) };
		return { header, key, rest: chain(after, parts) };
	} catch (error) {
		// an open pipe would keep the program alive
		await parts.return?.();
		throw error;
	}
}

async function takeHeader(
	parts: AsyncIterator<Buffer>,
): Promise<{ readonly bytes: Buffer; readonly after: Buffer }> {
	let arrived: Buffer = Buffer.alloc(0);
	let lengthBytes = MAGIC.length + LENGTH_BYTES;
	while (arrived.length < lengthBytes) {
		const next = await parts.next();
		if (next.done === true)
			throw new BackupError("this is no backup of Rockpool, or only the beginning of one");
		arrived = Buffer.concat([arrived, next.value]);
		lengthBytes = findLength(arrived);
	}
	return { bytes: arrived.subarray(0, lengthBytes), after: arrived.subarray(lengthBytes) };
}

function findLength(arrived: Buffer): number {
	const start = MAGIC.length + LENGTH_BYTES;
	if (arrived.length < start) return start;
	if (!arrived.subarray(0, MAGIC.length).equals(MAGIC)) {
		throw new BackupError("this is no backup of Rockpool, or one of a version this program does not know");
	}
	const length = arrived.readUInt32BE(MAGIC.length);
	if (length > HEADER_BYTES_MAX) throw new BackupError("the backup was changed: its header is too long");
	return start + length;
}

function parse(json: Buffer): Header {
	try {
		return headerSchema.parse(JSON.parse(json.toString()));
	} catch (error) {
		throw new BackupError("the backup was changed: its header cannot be read", { cause: error });
	}
}

async function unwrap(header: Header, findKey: FindKey): Promise<Buffer> {
	try {
		return open(await findKey(readKeyId(header.wrapped)), toPlace(header.id), header.wrapped);
	} catch (error) {
		if (error instanceof SealError) {
			throw new BackupError("the backup was changed, or the key file is another one of the same name", {
				cause: error,
			});
		}
		throw new BackupError(
			"the key-encryption key of this backup is not here; bring the key directory back and name it in KEK_FILE",
			{ cause: error },
		);
	}
}

async function* chain(first: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
	try {
		if (first.length > 0) yield first;
		for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
	} finally {
		await parts.return?.();
	}
}

function toPlace(id: string): Place {
	return { table: "backup", column: "key", rowId: id, tenant: "backup" };
}

/** Every chunk is bound to the whole header, so that no header passes for another one's. */
function toPrint(header: Buffer): Buffer {
	return createHash("sha256").update(header).digest();
}
