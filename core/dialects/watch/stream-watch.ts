import { PROTOCOL } from "../provider-error.ts";
import { createAnthropicPieceReader } from "../streams/anthropic-pieces.ts";
import { createOpenAiPieceReader } from "../streams/openai-pieces.ts";
import type { Piece } from "../streams/piece.ts";
import { createSseParser } from "../streams/sse-parser.ts";
import type { Dialect, StreamReader, StreamReading } from "../types.ts";
import { createTextMeter } from "./text-meter.ts";

type Mutable = { -readonly [Key in keyof StreamReading]: StreamReading[Key] } & {
	isDone: boolean;
	hasTool: boolean;
};

const ERROR_LENGTH_MAX = 500;

/**
 * Reads a stream that is forwarded as it is. Most events are text: their size is found by searching the bytes, and only
 * events that say something about the answer itself are parsed. Bytes are looked at as Latin-1, one unit a byte: cutting
 * inside a character does no harm then, and lengths are bytes.
 */
export function createStreamWatch(dialect: Dialect): StreamReader {
	const readPieces = dialect === "openai" ? createOpenAiPieceReader("") : createAnthropicPieceReader();
	const measure = createTextMeter(dialect);
	const state: Mutable = {
		usage: undefined,
		finish: undefined,
		errorInBody: undefined,
		textBytes: 0,
		events: 0,
		isDone: false,
		hasTool: false,
	};
	let isLastPush = false;

	function readEvent({ data }: { readonly data: string }): void {
		state.events += 1;
		const bytes = isLastPush ? 0 : measure(data);
		if (bytes > 0) {
			state.textBytes += bytes;
			return;
		}
		for (const piece of readPieces(Buffer.from(data, "latin1").toString("utf8"))) {
			if (isLastPush && piece.kind === "error" && piece.type === PROTOCOL) continue;
			note(state, piece);
		}
	}

	const parser = createSseParser(readEvent, () => {
		state.errorInBody ??= `${PROTOCOL}: a line without an end`;
	});
	return {
		push(chunk) {
			parser.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1"));
		},
		end() {
			isLastPush = true;
			parser.end();
		},
		reading() {
			const { usage, finish, errorInBody, textBytes, events } = state;
			return { usage, finish, errorInBody, textBytes, events };
		},
		isFinished: () => state.isDone || state.finish !== undefined,
		hasContent: () => state.textBytes > 0 || state.hasTool,
	};
}

function note(state: Mutable, piece: Piece): void {
	switch (piece.kind) {
		// Anthropic's first event has a usage too, but of one token: what breaks off after it must be counted, not believed.
		case "start":
			break;
		case "usage":
			state.usage = piece.usage;
			break;
		case "finish":
			state.finish = piece.finish;
			break;
		case "done":
			state.isDone = true;
			break;
		case "error":
			state.errorInBody ??= `${piece.type}: ${piece.message}`.slice(0, ERROR_LENGTH_MAX);
			break;
		case "tool":
			state.hasTool = true;
			break;
		case "arguments":
			// Anthropic's end of a call whose arguments were only measured, not read, looks like a call without any.
			if (piece.text !== "{}") state.textBytes += Buffer.byteLength(piece.text);
			break;
		default:
			state.textBytes += Buffer.byteLength(piece.text);
	}
}
