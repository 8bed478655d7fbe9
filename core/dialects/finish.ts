import type { Finish } from "./types.ts";

/** Why an answer ended; `stopSequence` is the caller's own that was met, where the provider names it. */
export type Ending = { readonly finish: Finish; readonly stopSequence: string | undefined };

const FROM_OPENAI: Readonly<Record<string, Finish>> = {
	stop: "stop",
	length: "length",
	tool_calls: "tool",
	function_call: "tool",
	content_filter: "content-filter",
	// Zhipu's word for it.
	sensitive: "content-filter",
};

const FROM_ANTHROPIC: Readonly<Record<string, Finish>> = {
	end_turn: "stop",
	stop_sequence: "stop",
	max_tokens: "length",
	model_context_window_exceeded: "length",
	tool_use: "tool",
	refusal: "content-filter",
};

/** Undefined as long as no reason was given. */
export function readOpenAiFinish(reason: unknown): Finish | undefined {
	return read(FROM_OPENAI, reason);
}

/** `pause_turn` is "other": only a server tool pauses, and those are refused across dialects. */
export function readAnthropicFinish(reason: unknown): Finish | undefined {
	return read(FROM_ANTHROPIC, reason);
}

function read(table: Readonly<Record<string, Finish>>, reason: unknown): Finish | undefined {
	if (typeof reason !== "string" || reason === "") return undefined;
	return Object.hasOwn(table, reason) ? table[reason] : "other";
}

const TO_OPENAI: Readonly<Record<Finish, string>> = {
	stop: "stop",
	length: "length",
	tool: "tool_calls",
	"content-filter": "content_filter",
	other: "stop",
};

const TO_ANTHROPIC: Readonly<Record<Finish, string>> = {
	stop: "end_turn",
	length: "max_tokens",
	tool: "tool_use",
	"content-filter": "refusal",
	other: "end_turn",
};

export function toOpenAiFinish(ending: Ending): string {
	return TO_OPENAI[ending.finish];
}

export function toAnthropicFinish(ending: Ending): string {
	return ending.finish === "stop" && ending.stopSequence !== undefined
		? "stop_sequence"
		: TO_ANTHROPIC[ending.finish];
}

/** Some providers say "stop" after a tool call; a caller who trusts the reason would never run the tool. */
export function mendFinish(finish: Finish, hasTools: boolean): Finish {
	return hasTools && (finish === "stop" || finish === "other") ? "tool" : finish;
}
