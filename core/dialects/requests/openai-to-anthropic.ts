import {
	compact,
	isAbsent,
	isObject,
	optionalCount,
	optionalNumber,
	optionalText,
	refuse,
	requireArray,
	requireObject,
	requireText,
} from "../fields.ts";
import { acceptsSampling, answersAfterSchema, thinksAdaptively } from "../model-family.ts";
import type { JsonObject } from "../types.ts";
import type { ThinkingFields } from "./effort.ts";
import { toThinking } from "./effort.ts";
import { toAnthropicSchema } from "./json-schema.ts";
import type { ToolUse } from "./openai-tools.ts";
import { readOpenAiTools } from "./openai-tools.ts";
import { toConversation } from "./openai-turns.ts";

/** This dialect wants a limit; used when the caller gave none. */
const MAX_TOKENS_DEFAULT = 4_096;
const JSON_WORDS = "Answer with one JSON object and nothing else: no prose, no code fence.";

/** Asked for by a caller who could not go on without it; everything else that has no counterpart is only a hint and dropped. */
const REFUSED = ["functions", "function_call", "audio", "web_search_options"] as const;

/**
 * A body of chat completions as one of Anthropic's messages.
 * Source: OpenAI API reference and Claude API reference, read 2026-11-20.
 * @throws AppError REQUEST_INVALID naming the field
 */
export function openAiToAnthropic(body: JsonObject): JsonObject {
	for (const field of REFUSED) {
		if (!isAbsent(body[field])) refuse(field, "has no counterpart at this provider");
	}
	const count = optionalNumber(body["n"], "n");
	if (count !== undefined && count !== 1) refuse("n", "this provider gives one answer");
	const { system, messages } = toConversation(body["messages"]);
	const tools = readOpenAiTools(body, "wrapped");
	const maxTokens =
		optionalCount(body["max_completion_tokens"], "max_completion_tokens") ??
		optionalCount(body["max_tokens"], "max_tokens") ??
		MAX_TOKENS_DEFAULT;
	const format = toFormat(body["response_format"], body["model"]);
	const thinking = chooseThinking(body, messages, tools, maxTokens);
	const instructions = [...system, ...format.words.map((text) => ({ type: "text", text }))];
	const user = optionalText(body["user"], "user");
	const config = compact({ effort: thinking.effort, format: format.schema });
	return compact({
		model: body["model"],
		max_tokens: maxTokens,
		system: instructions.length === 0 ? undefined : instructions,
		messages,
		...toToolFields(tools, body["parallel_tool_calls"]),
		...toSampling(body, thinking),
		stop_sequences: toStopSequences(body["stop"]),
		thinking: thinking.thinking,
		output_config: Object.keys(config).length === 0 ? undefined : config,
		metadata: user === undefined ? undefined : { user_id: user },
		stream: body["stream"] === true ? true : undefined,
	});
}

/** The older kind of thinking may neither meet a forced tool nor start amid tool calls whose thoughts were dropped. */
function chooseThinking(
	body: JsonObject,
	messages: readonly JsonObject[],
	{ choice }: ToolUse,
	maxTokens: number,
): ThinkingFields {
	const effort = optionalText(body["reasoning_effort"], "reasoning_effort");
	if (effort === undefined) return { thinking: undefined, effort: undefined };
	const thinking = toThinking(effort, body["model"], maxTokens);
	const isForced = choice?.kind === "required" || choice?.kind === "named";
	const isAmidTools = !thinksAdaptively(body["model"]) && endsInToolResult(messages);
	return isForced || isAmidTools ? { ...thinking, thinking: undefined } : thinking;
}

function endsInToolResult(messages: readonly JsonObject[]): boolean {
	const content = messages.at(-1)?.["content"];
	return (
		Array.isArray(content) && content.some((block) => isObject(block) && block["type"] === "tool_result")
	);
}

/** 0..1 here, 0..2 there; and not both of temperature and top_p, nor either while thinking. */
function toSampling(body: JsonObject, { thinking }: ThinkingFields): JsonObject {
	const temperature = optionalNumber(body["temperature"], "temperature");
	const topP = optionalNumber(body["top_p"], "top_p");
	const topK = optionalNumber(body["top_k"], "top_k");
	if (thinking !== undefined || !acceptsSampling(body["model"])) return {};
	return {
		temperature: temperature === undefined ? undefined : Math.min(Math.max(temperature, 0), 1),
		top_p: temperature === undefined ? topP : undefined,
		top_k: topK === undefined || topK < 1 ? undefined : Math.trunc(topK),
	};
}

function toStopSequences(stop: unknown): readonly string[] | undefined {
	if (isAbsent(stop)) return undefined;
	const all = typeof stop === "string" ? [stop] : requireArray(stop, "stop");
	// White space alone is refused by this dialect.
	const texts = all
		.map((text, index) => requireText(text, `stop.${index}`))
		.filter((text) => text.trim() !== "");
	return texts.length === 0 ? undefined : texts;
}

function toToolFields({ tools, choice }: ToolUse, parallel: unknown): JsonObject {
	if (tools.length === 0) return {};
	const single = parallel === false ? { disable_parallel_tool_use: true } : {};
	const declared = tools.map(({ name, description, schema, cache }) =>
		compact({
			name,
			description,
			input_schema: { ...schema, type: "object" },
			cache_control: cache,
		}),
	);
	if (choice?.kind === "none") return { tools: declared, tool_choice: { type: "none" } };
	if (choice?.kind === "named") {
		return { tools: declared, tool_choice: { type: "tool", name: choice.name, ...single } };
	}
	if (choice === undefined && parallel !== false) return { tools: declared };
	return { tools: declared, tool_choice: { type: choice?.kind === "required" ? "any" : "auto", ...single } };
}

type Format = { readonly schema: JsonObject | undefined; readonly words: readonly string[] };

/** A schema has a counterpart where the model knows it; "some JSON" has none. Both are asked for in words then. */
function toFormat(raw: unknown, model: unknown): Format {
	if (isAbsent(raw)) return { schema: undefined, words: [] };
	const format = requireObject(raw, "response_format");
	if (format["type"] === "text") return { schema: undefined, words: [] };
	if (format["type"] === "json_object") return { schema: undefined, words: [JSON_WORDS] };
	if (format["type"] !== "json_schema") refuse("response_format.type", "has no counterpart at this provider");
	const named = requireObject(format["json_schema"], "response_format.json_schema");
	if (isAbsent(named["schema"])) return { schema: undefined, words: [JSON_WORDS] };
	const schema = requireObject(named["schema"], "response_format.json_schema.schema");
	if (!answersAfterSchema(model)) {
		const words = `${JSON_WORDS} It must satisfy this JSON Schema: ${JSON.stringify(schema)}`;
		return { schema: undefined, words: [words] };
	}
	return { schema: { type: "json_schema", schema: toAnthropicSchema(schema) }, words: [] };
}
