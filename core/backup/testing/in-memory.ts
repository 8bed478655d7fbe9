import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import type { NamedKey } from "../../secrets/envelope.ts";
import { makeBackup } from "../make-backup.ts";

export function makeKey(id: string): NamedKey {
	return { id, bytes: randomBytes(32) };
}

/** A whole backup as bytes. */
export async function backUpToMemory(db: Knex, kek: NamedKey): Promise<Buffer> {
	const parts: Buffer[] = [];
	await makeBackup(db, kek, async (bytes) => {
		for await (const part of bytes) parts.push(part);
	});
	return Buffer.concat(parts);
}

/** Bytes as they come off a disk: in pieces that know nothing of what is in them. */
export async function* inPieces(bytes: Buffer, pieceBytes = 65_536): AsyncGenerator<Buffer> {
	for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
