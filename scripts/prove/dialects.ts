import type { Outcome } from "../../core/dialects/testing/chunkings.ts";
import { cutAt, findDifference, PARTS, run, SURFACES } from "../../core/dialects/testing/chunkings.ts";
import type { Recording } from "../../core/dialects/testing/recordings.ts";
import { loadRecordings } from "../../core/dialects/testing/recordings.ts";
import { breakParts, CHUNK_MUTANTS } from "./dialects/break-parts.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createRandom } from "./prove-options.ts";

export const mutants = CHUNK_MUTANTS;

const CHUNKINGS = 10_000;
const CHUNKINGS_SHORT = 130;
const RECORDINGS_MIN = 40;
/** Differences told in full; the rest is only counted. */
const TOLD_MAX = 5;

/**
 * Recorded streams of both dialects, cut at random, through every translator and the reader that charges for them: the sum of
 * what comes out is the same, byte for byte, as when the stream comes in one piece.
 */
export async function prove({ seconds, seed, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const random = createRandom(seed);
	const parts = breakParts(mutant);
	const recordings = loadRecordings();
	const whole = new Map(recordings.map((recording) => [recording, run(recording, [recording.bytes], PARTS)]));
	const wanted = isShort ? CHUNKINGS_SHORT : CHUNKINGS;
	const isDone = toLimit(seconds, wanted);
	const counts = { chunkings: 0, chunks: 0, translated: 0, bytes: 0, differences: 0 };
	for (const recording of endless(recordings)) {
		if (isDone(counts.chunkings)) break;
		const places = drawPlaces(recording, random);
		const difference = compare(recording, whole, places, parts);
		counts.chunkings += 1;
		counts.chunks += places.length + 1;
		counts.translated += SURFACES.length;
		counts.bytes += recording.bytes.length;
		if (difference === undefined) continue;
		counts.differences += 1;
		if (mutant === undefined && counts.differences <= TOLD_MAX) {
			console.error(`${recording.name}: ${difference} differs when cut at ${places.join(", ")}`);
		}
	}
	const isEnough =
		recordings.length >= RECORDINGS_MIN && (seconds !== undefined || counts.chunkings >= wanted);
	return await Promise.resolve({
		passed: counts.differences === 0 && isEnough,
		figures: { recordings: recordings.length, surfaces: SURFACES.length, ...counts },
	});
}

/** After so many chunkings, or after so long however many those are. */
function toLimit(seconds: number | undefined, wanted: number): (chunkings: number) => boolean {
	if (seconds === undefined) return (chunkings) => chunkings >= wanted;
	const until = Date.now() + seconds * 1_000;
	return () => Date.now() >= until;
}

function compare(
	recording: Recording,
	whole: ReadonlyMap<Recording, Outcome>,
	places: readonly number[],
	parts: typeof PARTS,
): string | undefined {
	const expected = whole.get(recording);
	if (expected === undefined) return "nothing";
	return findDifference(expected, run(recording, cutAt(recording.bytes, places), parts));
}

/** From a single cut to one in every other byte: mostly few, as networks have it. */
function drawPlaces(recording: Recording, random: () => number): readonly number[] {
	const count = 1 + Math.floor(random() ** 3 * (recording.bytes.length / 2));
	return Array.from({ length: count }, () => Math.floor(random() * (recording.bytes.length + 1)));
}

function* endless(recordings: readonly Recording[]): Generator<Recording> {
	while (recordings.length > 0) yield* recordings;
}
