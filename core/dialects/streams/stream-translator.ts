import { mendFinish } from "../finish.ts";
import { PROTOCOL, toCallerError, toCutError } from "../provider-error.ts";
import type { AnswerContext, Dialect, StreamTranslator, Surface, Usage } from "../types.ts";
import { createAnthropicPieceReader } from "./anthropic-pieces.ts";
import { createAnthropicWriter } from "./anthropic-writer.ts";
import type { BlockEvent } from "./blocks.ts";
import { createBlockSequencer } from "./blocks.ts";
import { createOpenAiPieceReader } from "./openai-pieces.ts";
import { createOpenAiWriter } from "./openai-writer.ts";
import type { Piece, PieceReader } from "./piece.ts";
import { createResponsesWriter } from "./responses-writer.ts";
import { createSseParser } from "./sse-parser.ts";
import type { SurfaceWriter } from "./surface-writer.ts";

/** Every stream goes the same way: bytes, events, pieces, blocks in order, events of the surface. */
export function createTranslator(from: Dialect, to: Surface, context: AnswerContext): StreamTranslator {
	const readPieces: PieceReader =
		from === "openai" ? createOpenAiPieceReader(context.id) : createAnthropicPieceReader();
	const answer = createAnswerWriter(createWriter(to, context), context.id);
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	let out = "";
	let isLastPush = false;
	const parser = createSseParser(
		({ data }) => {
			for (const piece of readPieces(data)) {
				// Half an event at the end of a stream that broke off is no fault of its own.
				if (isLastPush && piece.kind === "error" && piece.type === PROTOCOL) continue;
				out += answer.write(piece);
			}
		},
		() => {
			out += answer.write({ kind: "error", type: PROTOCOL, message: "a line without an end" });
		},
	);
	const take = (): string => {
		const taken = out;
		out = "";
		return taken;
	};
	return {
		push(chunk) {
			parser.push(decoder.decode(chunk, { stream: true }));
			return take();
		},
		end() {
			isLastPush = true;
			parser.push(decoder.decode());
			parser.end();
			out += answer.end();
			return take();
		},
		fail: (error) => answer.fail(error),
	};
}

function createWriter(to: Surface, context: AnswerContext): SurfaceWriter {
	if (to === "openai") return createOpenAiWriter(context);
	return to === "anthropic" ? createAnthropicWriter(context) : createResponsesWriter(context);
}

type State = {
	isStarted: boolean;
	isOver: boolean;
	hasTools: boolean;
	usage: Usage | undefined;
	finish: (Piece & { readonly kind: "finish" }) | undefined;
};

/** Keeps to the order every surface wants: one start, blocks, then one end or one error. */
function createAnswerWriter(writer: SurfaceWriter, requestId: string) {
	const sequencer = createBlockSequencer();
	const state: State = {
		isStarted: false,
		isOver: false,
		hasTools: false,
		usage: undefined,
		finish: undefined,
	};

	function start(): string {
		if (state.isStarted) return "";
		state.isStarted = true;
		return writer.start(state.usage);
	}

	function writeBlocks(events: readonly BlockEvent[]): string {
		let text = "";
		for (const event of events) text += writer.block(event);
		return text;
	}

	function finish(): string {
		state.isOver = true;
		const reason = mendFinish(state.finish?.finish ?? "other", state.hasTools);
		const ending = { finish: reason, stopSequence: state.finish?.stopSequence };
		return `${start()}${writeBlocks(sequencer.finish())}${writer.finish(ending, state.usage)}`;
	}

	function fail(error: Parameters<SurfaceWriter["fail"]>[0]): string {
		if (state.isOver) return "";
		state.isOver = true;
		return writer.fail(error);
	}

	function write(piece: Piece): string {
		if (state.isOver) return "";
		switch (piece.kind) {
			case "start":
				state.usage = piece.usage;
				return start();
			case "usage":
				state.usage = piece.usage;
				return "";
			case "finish":
				state.finish = piece;
				return "";
			case "done":
				return finish();
			case "error":
				return fail(toCallerError(piece, requestId));
			default: {
				state.hasTools ||= piece.kind === "tool";
				const events = sequencer.push(piece);
				return events.length === 0 ? "" : `${start()}${writeBlocks(events)}`;
			}
		}
	}

	/** A proxy may swallow [DONE]; a finish reason says as much. Without either the far end broke off. */
	function end(): string {
		if (state.isOver) return "";
		return state.finish === undefined ? fail(toCutError(requestId)) : finish();
	}

	return { write, end, fail };
}
