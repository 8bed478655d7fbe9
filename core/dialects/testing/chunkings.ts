import type { AnswerContext, StreamReader, StreamReading, StreamTranslator, Surface } from "../dialect.ts";
import { createStreamReader, createStreamTranslator } from "../dialect.ts";
import type { Recording } from "./recordings.ts";

export const SURFACES: readonly Surface[] = ["openai", "anthropic", "responses"];

export const CONTEXT: AnswerContext = {
	model: "smart",
	id: "req_7",
	request: { stream: true, stream_options: { include_usage: true } },
	nowSeconds: 1_763_640_000,
};

/** What is tested; a proof puts a broken one in its place. */
export type Parts = {
	createTranslator(recording: Recording, to: Surface): StreamTranslator;
	createReader(recording: Recording): StreamReader;
};

export const PARTS: Parts = {
	createTranslator: ({ dialect }, to) => createStreamTranslator(dialect, to, CONTEXT),
	createReader: ({ dialect }) => createStreamReader(dialect),
};

/** All that is made of a stream: a text for each surface and the reading. */
export type Outcome = {
	readonly texts: Readonly<Record<Surface, string>>;
	readonly reading: StreamReading;
	readonly isFinished: boolean;
	readonly hasContent: boolean;
};

/** The outcome when the stream comes in these pieces. */
export function run(recording: Recording, chunks: readonly Uint8Array[], parts: Parts = PARTS): Outcome {
	const texts = SURFACES.map((surface) => [surface, translate(recording, surface, chunks, parts)] as const);
	const reader = parts.createReader(recording);
	for (const chunk of chunks) reader.push(chunk);
	reader.end();
	return {
		texts: Object.fromEntries(texts) as Record<Surface, string>,
		reading: reader.reading(),
		isFinished: reader.isFinished(),
		hasContent: reader.hasContent(),
	};
}

function translate(
	recording: Recording,
	surface: Surface,
	chunks: readonly Uint8Array[],
	parts: Parts,
): string {
	const translator = parts.createTranslator(recording, surface);
	let text = "";
	for (const chunk of chunks) text += translator.push(chunk);
	return text + translator.end();
}

/** Cuts where asked, sorted and within bounds; the same place twice gives an empty piece. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
	const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
	const starts = [0, ...sorted];
	return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
}

/** What differs between two outcomes, or undefined. */
export function findDifference(expected: Outcome, actual: Outcome): string | undefined {
	for (const surface of SURFACES) {
		if (expected.texts[surface] !== actual.texts[surface]) return `the text for ${surface}`;
	}
	const { texts: _, ...rest } = expected;
	const { texts: __, ...others } = actual;
	return JSON.stringify(rest) === JSON.stringify(others) ? undefined : "the reading";
}
