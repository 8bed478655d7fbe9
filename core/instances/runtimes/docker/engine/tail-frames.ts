import type { Readable } from "node:stream";
import { toAway } from "./away.ts";

/** Which stream it is, three bytes of nothing, the length. Source: Docker Engine API, "Attach to a container", read 2026-12-01. */
const HEADER_BYTES = 8;
/** Of a whole stream that is gone through; what comes after it is left out. */
const STREAM_BYTES_MAX = 16 * 1024 * 1024;

/**
 * What was written, of both streams in the order it was written, as the engine tells it in frames; its last `bytesMax` bytes.
 * isCut: there was more before them.
 */
export async function tailFrames(
	body: Readable,
	bytesMax: number,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
	const tail = new Tail(bytesMax);
	let header = Buffer.alloc(0);
	let open = 0;
	let read = 0;
	try {
		for await (const piece of body as AsyncIterable<Buffer>) {
			read += piece.length;
			let rest = piece;
			while (rest.length > 0) {
				if (open > 0) {
					tail.push(rest.subarray(0, open));
					const taken = Math.min(open, rest.length);
					open -= taken;
					rest = rest.subarray(taken);
					continue;
				}
				const missing = HEADER_BYTES - header.length;
				header = Buffer.concat([header, rest.subarray(0, missing)]);
				rest = rest.subarray(missing);
				if (header.length < HEADER_BYTES) continue;
				open = header.readUInt32BE(4);
				header = Buffer.alloc(0);
			}
			if (read > STREAM_BYTES_MAX) break;
		}
	} catch (error) {
		throw toAway(error);
	}
	return tail.read();
}

/** The last bytes of what is pushed. */
class Tail {
	readonly #bytesMax: number;
	#pieces: Buffer[] = [];
	#bytes = 0;
	#isCut = false;

	constructor(bytesMax: number) {
		this.#bytesMax = bytesMax;
	}

	push(piece: Buffer): void {
		this.#pieces.push(piece);
		this.#bytes += piece.length;
		// Not at every piece, or long logs take the square of their length.
		if (this.#bytes > 2 * this.#bytesMax) this.#cut();
	}

	read(): { readonly text: string; readonly isCut: boolean } {
		this.#cut();
		return { text: Buffer.concat(this.#pieces).toString("utf8"), isCut: this.#isCut };
	}

	#cut(): void {
		if (this.#bytes <= this.#bytesMax) return;
		const last = Buffer.concat(this.#pieces).subarray(-this.#bytesMax);
		// A copy, so that what is cut off can go.
		this.#pieces = [Buffer.from(last)];
		this.#bytes = this.#bytesMax;
		this.#isCut = true;
	}
}
