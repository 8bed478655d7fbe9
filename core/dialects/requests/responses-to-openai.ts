import {
	compact,
	isAbsent,
	isObject,
	optionalCount,
	optionalText,
	refuse,
	requireObject,
} from "../fields.ts";
import { mayKnowEffort } from "../model-family.ts";
import type { JsonObject } from "../types.ts";
import type { ToolUse } from "./openai-tools.ts";
import { readOpenAiTools } from "./openai-tools.ts";
import { toMessages } from "./responses-input.ts";

/** What only a server with a memory of conversations can do. Empty and false values ask for nothing. */
const STATEFUL = ["store", "previous_response_id", "conversation", "background", "prompt"] as const;

/**
 * The part of the Responses API that needs no memory, as chat completions.
 * Source: OpenAI API reference, "Create a model response", read 2026-11-20.
 * @throws AppError REQUEST_INVALID naming the field
 */
export function responsesToOpenAi(body: JsonObject): JsonObject {
	for (const field of STATEFUL) {
		if (body[field]) refuse(field, "nothing is kept here between two requests; send the whole conversation");
	}
	const tools = readOpenAiTools(body, "flat");
	const maxTokens = optionalCount(body["max_output_tokens"], "max_output_tokens");
	const reasoning = isAbsent(body["reasoning"]) ? {} : requireObject(body["reasoning"], "reasoning");
	const effort = optionalText(reasoning["effort"], "reasoning.effort");
	const isStream = body["stream"] === true;
	return compact({
		model: body["model"],
		messages: toMessages(body["instructions"], body["input"]),
		max_tokens: maxTokens,
		...toToolFields(tools),
		parallel_tool_calls:
			tools.tools.length > 0 && typeof body["parallel_tool_calls"] === "boolean"
				? body["parallel_tool_calls"]
				: undefined,
		temperature: body["temperature"] ?? undefined,
		top_p: body["top_p"] ?? undefined,
		reasoning_effort: mayKnowEffort(body["model"]) ? effort : undefined,
		response_format: toResponseFormat(body["text"]),
		user: optionalText(body["user"], "user"),
		stream: isStream ? true : undefined,
		stream_options: isStream ? { include_usage: true } : undefined,
	});
}

function toToolFields({ tools, choice }: ToolUse): JsonObject {
	if (tools.length === 0) return {};
	return compact({
		tools: tools.map(({ name, description, schema, strict }) => ({
			type: "function",
			function: compact({ name, description, parameters: schema, strict }),
		})),
		tool_choice:
			choice?.kind === "named" ? { type: "function", function: { name: choice.name } } : choice?.kind,
	});
}

function toResponseFormat(raw: unknown): JsonObject | undefined {
	if (isAbsent(raw)) return undefined;
	const format = requireObject(raw, "text")["format"];
	if (isAbsent(format)) return undefined;
	if (!isObject(format)) return refuse("text.format", "must be an object");
	if (format["type"] === "text") return undefined;
	if (format["type"] === "json_object") return { type: "json_object" };
	if (format["type"] !== "json_schema")
		return refuse("text.format.type", "must be text, json_object or json_schema");
	const { name, schema, strict, description } = format;
	return {
		type: "json_schema",
		json_schema: compact({
			name: optionalText(name, "text.format.name") ?? "answer",
			description: description ?? undefined,
			schema: requireObject(schema, "text.format.schema"),
			strict: strict ?? undefined,
		}),
	};
}
