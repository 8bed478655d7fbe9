import { isObject, looseObject, looseText } from "../fields.ts";
import { readAnthropicFinish } from "../finish.ts";
import { readProviderError, toProtocolError } from "../provider-error.ts";
import type { JsonObject } from "../types.ts";
import { mergeAnthropicUsage, readAnthropicUsage } from "../usage.ts";
import { parseEvent } from "./parse-event.ts";
import type { Piece, PieceReader } from "./piece.ts";

type State = {
	usage: JsonObject /** Tool blocks by index, and the input they began with. */;
	readonly tools: Map<unknown, Tool>;
};
type Tool = { readonly key: string; readonly input: unknown; hasDelta: boolean };

/** Events of Anthropic's messages as pieces. Pings, signatures and blocks of its own tools say nothing to other dialects. */
export function createAnthropicPieceReader(): PieceReader {
	const state: State = { usage: {}, tools: new Map() };
	return (data) => {
		const event = parseEvent(data);
		return isObject(event) ? readEvent(event, state) : [toProtocolError(data)];
	};
}

function readEvent(event: JsonObject, state: State): readonly Piece[] {
	switch (event["type"]) {
		case "message_start":
			state.usage = mergeAnthropicUsage({}, looseObject(event["message"])["usage"]);
			return [{ kind: "start", usage: readAnthropicUsage(state.usage) }];
		case "content_block_start":
			return startBlock(event["index"], looseObject(event["content_block"]), state);
		case "content_block_delta":
			return readDelta(event["index"], looseObject(event["delta"]), state);
		case "content_block_stop":
			return stopBlock(event["index"], state);
		case "message_delta":
			return readEnd(event, state);
		case "message_stop":
			return [{ kind: "done" }];
		case "error":
			return [readProviderError(event["error"])];
		default:
			return [];
	}
}

/** A vendor who copies the dialect may put the whole block here. */
function startBlock(index: unknown, block: JsonObject, state: State): readonly Piece[] {
	if (block["type"] === "text") return toText("text", block["text"]);
	if (block["type"] === "thinking") return toText("thinking", block["thinking"]);
	if (block["type"] !== "tool_use") return [];
	const key = `${state.tools.size}`;
	state.tools.set(index, { key, input: block["input"], hasDelta: false });
	return [{ kind: "tool", key, id: looseText(block["id"]), name: looseText(block["name"]) }];
}

function readDelta(index: unknown, delta: JsonObject, state: State): readonly Piece[] {
	switch (delta["type"]) {
		case "text_delta":
			return toText("text", delta["text"]);
		case "thinking_delta":
			return toText("thinking", delta["thinking"]);
		case "input_json_delta": {
			const tool = state.tools.get(index);
			const text = looseText(delta["partial_json"]);
			if (tool === undefined || text === "") return [];
			tool.hasDelta = true;
			return [{ kind: "arguments", key: tool.key, text }];
		}
		default:
			return [];
	}
}

/** A tool without deltas has the input it began with; a text of arguments is never empty in other dialects. */
function stopBlock(index: unknown, state: State): readonly Piece[] {
	const tool = state.tools.get(index);
	if (tool === undefined || tool.hasDelta) return [];
	tool.hasDelta = true;
	return [{ kind: "arguments", key: tool.key, text: JSON.stringify(looseObject(tool.input)) }];
}

function toText(kind: "text" | "thinking", text: unknown): readonly Piece[] {
	return typeof text === "string" && text !== "" ? [{ kind, text }] : [];
}

function readEnd(event: JsonObject, state: State): readonly Piece[] {
	const delta = looseObject(event["delta"]);
	const pieces: Piece[] = [];
	if (isObject(event["usage"])) {
		state.usage = mergeAnthropicUsage(state.usage, event["usage"]);
		pieces.push({ kind: "usage", usage: readAnthropicUsage(state.usage) });
	}
	const finish = readAnthropicFinish(delta["stop_reason"]);
	if (finish !== undefined) {
		const sequence = delta["stop_sequence"];
		pieces.push({
			kind: "finish",
			finish,
			stopSequence: typeof sequence === "string" ? sequence : undefined,
		});
	}
	return pieces;
}
