import type { Parts } from "../../../core/dialects/testing/chunkings.ts";
import { PARTS } from "../../../core/dialects/testing/chunkings.ts";

/** Mistakes people make when they read a stream, each before our own code. */
export const CHUNK_MUTANTS = ["decode-each-chunk", "line-a-chunk", "forget-a-rest"] as const;
export type ChunkMutant = (typeof CHUNK_MUTANTS)[number];

type Spoil = (chunk: Uint8Array) => Uint8Array;

/** The parts as they are, or with a mistake. @throws Error for a mutant that is not one of the list */
export function breakParts(mutant: string | undefined): Parts {
	if (mutant === undefined) return PARTS;
	const spoil = toSpoil(mutant);
	return {
		createTranslator(recording, to) {
			const translator = PARTS.createTranslator(recording, to);
			return { ...translator, push: (chunk) => translator.push(spoil(chunk)) };
		},
		createReader(recording) {
			const reader = PARTS.createReader(recording);
			return { ...reader, push: (chunk) => reader.push(spoil(chunk)) };
		},
	};
}

function toSpoil(mutant: string): Spoil {
	switch (mutant) {
		// A character cut in two becomes two replacement characters.
		case "decode-each-chunk":
			return (chunk) => new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(chunk));
		// The end of what arrived is taken for the end of a line.
		case "line-a-chunk":
			return (chunk) => (chunk.length === 0 ? chunk : Uint8Array.of(...chunk, 10));
		// What stands after the last line end of a chunk is lost.
		case "forget-a-rest":
			return (chunk) => chunk.subarray(0, Math.max(chunk.lastIndexOf(10), chunk.lastIndexOf(13)) + 1);
		default:
			throw new Error(`no such mutant: ${mutant}`);
	}
}
