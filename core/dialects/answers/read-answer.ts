import { isAbsent, isObject, looseArray, looseObject, looseText } from "../fields.ts";
import { readAnthropicFinish, readOpenAiFinish } from "../finish.ts";
import { readArguments, readSaid } from "../openai-content.ts";
import { readProviderError } from "../provider-error.ts";
import type { TextKind } from "../streams/blocks.ts";
import type { Dialect, JsonObject, Reading } from "../types.ts";
import { readAnthropicUsage, readOpenAiUsage } from "../usage.ts";
import type { Answer, AnswerBlock } from "./answer.ts";

/** A provider's whole answer; undefined when it is none. Loose about all that is not needed. */
export function toAnswer(dialect: Dialect, raw: JsonObject, requestId: string): Answer | undefined {
	return dialect === "openai" ? fromOpenAi(raw, requestId) : fromAnthropic(raw);
}

function fromOpenAi(raw: JsonObject, requestId: string): Answer | undefined {
	const choice = looseArray(raw["choices"])[0];
	if (!isObject(choice) || !isObject(choice["message"])) return undefined;
	const stopSequence = choice["stop_reason"];
	return {
		blocks: readMessage(choice["message"], requestId),
		finish: readOpenAiFinish(choice["finish_reason"]),
		stopSequence: typeof stopSequence === "string" ? stopSequence : undefined,
		usage: readOpenAiUsage(raw["usage"] ?? choice["usage"]),
	};
}

function readMessage(message: JsonObject, requestId: string): readonly AnswerBlock[] {
	const said = readSaid(message);
	const texts = (["thinking", "text", "refusal"] as const).flatMap((kind) => toTextBlock(kind, said[kind]));
	const calls = looseArray(message["tool_calls"])
		.filter(isObject)
		.map((call, index): AnswerBlock => {
			const called = looseObject(call["function"]);
			const id = looseText(call["id"]) || `call_${requestId}_${index + 1}`;
			return { kind: "tool", id, name: looseText(called["name"]), text: readArguments(called["arguments"]) };
		});
	return [...texts, ...calls];
}

function fromAnthropic(raw: JsonObject): Answer | undefined {
	if (!Array.isArray(raw["content"])) return undefined;
	const stopSequence = raw["stop_sequence"];
	return {
		blocks: raw["content"].filter(isObject).flatMap(readBlock),
		finish: readAnthropicFinish(raw["stop_reason"]),
		stopSequence: typeof stopSequence === "string" ? stopSequence : undefined,
		usage: readAnthropicUsage(raw["usage"]),
	};
}

function readBlock(block: JsonObject): readonly AnswerBlock[] {
	if (block["type"] === "text") return toTextBlock("text", looseText(block["text"]));
	if (block["type"] === "thinking") return toTextBlock("thinking", looseText(block["thinking"]));
	if (block["type"] !== "tool_use") return [];
	const text = JSON.stringify(looseObject(block["input"]));
	return [{ kind: "tool", id: looseText(block["id"]), name: looseText(block["name"]), text }];
}

function toTextBlock(kind: TextKind, text: string): readonly AnswerBlock[] {
	return text === "" ? [] : [{ kind, text }];
}

/** What a whole answer says about itself. Never throws; several choices all count as delivered. */
export function toReading(dialect: Dialect, raw: JsonObject): Reading {
	const answer = toAnswer(dialect, raw, "");
	const further = dialect === "openai" ? looseArray(raw["choices"]).slice(1) : [];
	const blocks = [
		...(answer?.blocks ?? []),
		...further.flatMap((choice) => readMessage(looseObject(looseObject(choice)["message"]), "")),
	];
	return {
		usage: answer?.usage,
		finish: answer?.finish,
		text: blocks.map((block) => block.text).join(""),
		errorInBody: readError(raw, answer !== undefined),
	};
}

const ERROR_LENGTH_MAX = 500;

function readError(raw: JsonObject, isAnswer: boolean): string | undefined {
	if (isAbsent(raw["error"])) return isAnswer ? undefined : "protocol: not an answer of the dialect";
	const { type, message } = readProviderError(raw["error"]);
	return `${type}: ${message}`.slice(0, ERROR_LENGTH_MAX);
}
