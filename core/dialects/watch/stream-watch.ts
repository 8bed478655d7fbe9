import { PROTOCOL } from "../provider-error.ts";
import { createAnthropicPieceReader } from "../streams/anthropic-pieces.ts";
import { createOpenAiPieceReader } from "../streams/openai-pieces.ts";
import type { Piece } from "../streams/piece.ts";
import { createSseParser } from "../streams/sse-parser.ts";
import type { Dialect, StreamReader, StreamReading } from "../types.ts";
import { measureStrings } from "./measure-strings.ts";

type Mutable = { -readonly [Key in keyof StreamReading]: StreamReading[Key] } & {
	isDone: boolean;
	hasTool: boolean;
};

const ANTHROPIC_TEXTS = ['"text"', '"thinking"', '"partial_json"'];
const OPENAI_TEXTS = ['"content"', '"arguments"', '"refusal"'];

/**
 * Reads a stream that is forwarded as it is. Most events are text: their size is found by searching the bytes, and only
 * events that say something about the answer itself are parsed. Bytes are looked at as Latin-1, one unit a byte: cutting
 * inside a character does no harm then, and lengths are bytes.
 */
export function createStreamWatch(dialect: Dialect): StreamReader {
	const readPieces = dialect === "openai" ? createOpenAiPieceReader("") : createAnthropicPieceReader();
	const measure = dialect === "openai" ? measureChunk : measureEvent;
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

const ERROR_LENGTH_MAX = 500;

/** Bytes of a chunk that is text and nothing else; 0: it must be parsed. */
function measureChunk(data: string): number {
	if (saysMore(data, '"finish_reason"') || saysMore(data, '"usage"') || data.includes('"error"')) return 0;
	// Two names for one thing; a vendor who sends both means it once.
	const reasoning = measureStrings(data, '"reasoning_content"') || measureStrings(data, '"reasoning"');
	let bytes = reasoning;
	for (const key of OPENAI_TEXTS) bytes += measureStrings(data, key);
	return bytes;
}

function measureEvent(data: string): number {
	if (!data.includes('"content_block_delta"')) return 0;
	let bytes = 0;
	for (const key of ANTHROPIC_TEXTS) bytes += measureStrings(data, key);
	return bytes;
}

/** The key is there with another value than null. In a text the quotes would be escaped. */
function saysMore(data: string, key: string): boolean {
	for (let at = data.indexOf(key); at !== -1; at = data.indexOf(key, at + key.length)) {
		const value = /^\s*:\s*(.)/.exec(data.slice(at + key.length, at + key.length + 20))?.[1];
		if (value !== undefined && value !== "n") return true;
	}
	return false;
}
