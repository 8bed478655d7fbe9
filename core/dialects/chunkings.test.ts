import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cutAt, findDifference, run } from "./testing/chunkings.ts";
import { loadRecordings } from "./testing/recordings.ts";

/** How many random chunkings in all; `npm run prove -- dialects` does 10,000. */
const CHUNKINGS = Number(process.env["DIALECT_CHUNKINGS"] ?? 400);

const recordings = loadRecordings();

test("there are at least 40 recorded streams, of both dialects", () => {
	expect(recordings.length).toBeGreaterThanOrEqual(40);
	expect(new Set(recordings.map(({ dialect }) => dialect)).size).toBe(2);
});

test.each(recordings)("$name: byte by byte gives the same as in one piece", (recording) => {
	const whole = run(recording, [recording.bytes]);
	const single = run(
		recording,
		[...recording.bytes].map((byte) => Uint8Array.of(byte)),
	);
	expect(single).toEqual(whole);
});

test.each(recordings)("$name: any chunking gives the same as in one piece", (recording) => {
	const whole = run(recording, [recording.bytes]);
	fc.assert(
		fc.property(fc.array(fc.nat(recording.bytes.length), { maxLength: 40 }), (places) => {
			expect(findDifference(whole, run(recording, cutAt(recording.bytes, places)))).toBeUndefined();
		}),
		{ numRuns: Math.ceil(CHUNKINGS / recordings.length) },
	);
});
