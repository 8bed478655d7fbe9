import { isAbsent, isObject, looseArray, looseObject, looseText } from "../fields.ts";
import { readOpenAiFinish } from "../finish.ts";
import { readArguments, readSaid } from "../openai-content.ts";
import { readProviderError, toProtocolError } from "../provider-error.ts";
import type { JsonObject } from "../types.ts";
import { readOpenAiUsage } from "../usage.ts";
import { parseEvent } from "./parse-event.ts";
import type { Piece, PieceReader } from "./piece.ts";

type Call = { readonly key: string; readonly id: string };
type Calls = { readonly byIndex: Map<number, Call>; count: number };

/**
 * Chunks of chat completions as pieces. Loose on purpose: dozens of vendors speak this dialect, each with extras.
 * Only the first choice is read; more of them are refused on the way in.
 */
export function createOpenAiPieceReader(requestId: string): PieceReader {
	const calls: Calls = { byIndex: new Map(), count: 0 };
	let isStarted = false;
	return (data) => {
		if (data.trim() === "[DONE]") return [{ kind: "done" }];
		const chunk = parseEvent(data);
		if (!isObject(chunk)) return [toProtocolError(data)];
		if (!isAbsent(chunk["error"])) return [readProviderError(chunk["error"])];
		const pieces: Piece[] = isStarted ? [] : [{ kind: "start", usage: undefined }];
		isStarted = true;
		const choice = looseArray(chunk["choices"]).find(isFirst);
		if (isObject(choice)) addChoice(pieces, choice, calls, requestId);
		// Moonshot puts the usage into the choice.
		const usage = chunk["usage"] ?? (isObject(choice) ? choice["usage"] : undefined);
		if (!isAbsent(usage)) pieces.push({ kind: "usage", usage: readOpenAiUsage(usage) });
		return pieces;
	};
}

function isFirst(choice: unknown): boolean {
	return isObject(choice) && (choice["index"] ?? 0) === 0;
}

function addChoice(pieces: Piece[], choice: JsonObject, calls: Calls, requestId: string): void {
	const delta = looseObject(choice["delta"]);
	const { thinking, text, refusal } = readSaid(delta);
	if (thinking !== "") pieces.push({ kind: "thinking", text: thinking });
	if (text !== "") pieces.push({ kind: "text", text });
	if (refusal !== "") pieces.push({ kind: "refusal", text: refusal });
	for (const [position, call] of looseArray(delta["tool_calls"]).entries()) {
		if (isObject(call)) addCall(pieces, call, position, calls, requestId);
	}
	const finish = readOpenAiFinish(choice["finish_reason"]);
	if (finish === undefined) return;
	// vLLM says which of the caller's stop sequences was met.
	const stopSequence = typeof choice["stop_reason"] === "string" ? choice["stop_reason"] : undefined;
	pieces.push({ kind: "finish", finish, stopSequence });
}

/** Some vendors leave out the index, some count each call as the first one but give it an id of its own. */
function addCall(pieces: Piece[], raw: JsonObject, position: number, calls: Calls, requestId: string): void {
	const index = typeof raw["index"] === "number" ? raw["index"] : position;
	const called = looseObject(raw["function"]);
	const id = looseText(raw["id"]);
	const name = looseText(called["name"]);
	let call = calls.byIndex.get(index);
	if (call === undefined || (id !== "" && id !== call.id && name !== "")) {
		calls.count += 1;
		call = { key: `${calls.count}`, id: id === "" ? `call_${requestId}_${calls.count}` : id };
		calls.byIndex.set(index, call);
		pieces.push({ kind: "tool", key: call.key, id: call.id, name });
	}
	const text = readArguments(called["arguments"]);
	if (text !== "") pieces.push({ kind: "arguments", key: call.key, text });
}
