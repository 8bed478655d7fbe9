import type { Readable } from "node:stream";
import { toAway } from "./away.ts";

/**
 * All of an answer that is not longer than it may be.
 *
 * @throws AppError INTERNAL, details.cause "runtime-away" where it breaks off; Error where it is longer
 */
export async function readBody(body: Readable, bytesMax: number): Promise<Buffer> {
	const pieces: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const piece of body as AsyncIterable<Buffer>) {
			bytes += piece.length;
			if (bytes > bytesMax) break;
			pieces.push(piece);
		}
	} catch (error) {
		throw toAway(error);
	}
	if (bytes > bytesMax) throw new Error(`an answer of more than ${bytesMax} bytes`);
	return Buffer.concat(pieces);
}
