import {
	compact,
	isAbsent,
	isObject,
	optionalNumber,
	optionalText,
	refuse,
	requireArray,
	requireObject,
	requireText,
} from "../fields.ts";
import {
	isOpenAiModel,
	isOpenAiReasoningModel,
	mayKnowEffort,
	takesSystemAnywhere,
} from "../model-family.ts";
import { toShortName } from "../tool-names.ts";
import type { JsonObject } from "../types.ts";
import { toChatMessages } from "./anthropic-turns.ts";
import { readEffort } from "./effort.ts";
import { isStrict } from "./json-schema.ts";
import { toRemindedMessages } from "./late-system.ts";

/** This dialect names a schema; the other does not. */
const SCHEMA_NAME = "answer";
/** Of OpenAI; others take more. */
const STOPS_MAX = 4;

/**
 * A body of Anthropic's messages as one of chat completions.
 * The limit is `max_tokens`, which OpenAI itself calls `max_completion_tokens`: who knows the host names it.
 * Source: Claude API reference (version 2026-10-21 and 2023-06-01) and OpenAI API reference, read 2026-11-20.
 * @throws AppError REQUEST_INVALID naming the field
 */
export function anthropicToOpenAi(body: JsonObject): JsonObject {
	if (!isAbsent(body["container"])) refuse("container", "has no counterpart at this provider");
	if (Array.isArray(body["mcp_servers"]) && body["mcp_servers"].length > 0) {
		refuse("mcp_servers", "has no counterpart at this provider");
	}
	const maxTokens = optionalNumber(body["max_tokens"], "max_tokens");
	if (maxTokens === undefined) refuse("max_tokens", "is required");
	if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
		refuse("max_tokens", "must be a whole number of at least 1");
	const isReasoning = isOpenAiReasoningModel(body["model"]);
	const metadata = isAbsent(body["metadata"]) ? {} : requireObject(body["metadata"], "metadata");
	const isStream = body["stream"] === true;
	const messages = toChatMessages(body["system"], body["messages"]);
	return compact({
		model: body["model"],
		messages: takesSystemAnywhere(body["model"]) ? messages : toRemindedMessages(messages),
		max_tokens: maxTokens,
		...toToolFields(body),
		temperature: isReasoning ? undefined : optionalNumber(body["temperature"], "temperature"),
		top_p: isReasoning ? undefined : optionalNumber(body["top_p"], "top_p"),
		stop: isReasoning ? undefined : toStop(body["stop_sequences"], body["model"]),
		reasoning_effort: mayKnowEffort(body["model"]) ? readEffort(body) : undefined,
		response_format: toResponseFormat(body),
		user: optionalText(metadata["user_id"], "metadata.user_id"),
		stream: isStream ? true : undefined,
		// The other dialect always tells its usage; here it must be asked for.
		stream_options: isStream ? { include_usage: true } : undefined,
	});
}

function toStop(raw: unknown, model: unknown): readonly string[] | undefined {
	if (isAbsent(raw)) return undefined;
	const texts = requireArray(raw, "stop_sequences").map((text, index) =>
		requireText(text, `stop_sequences.${index}`),
	);
	if (texts.length > STOPS_MAX && isOpenAiModel(model)) {
		refuse("stop_sequences", `has more than the ${STOPS_MAX} this provider takes`);
	}
	return texts.length === 0 ? undefined : texts;
}

function toToolFields(body: JsonObject): JsonObject {
	if (isAbsent(body["tools"])) return {};
	const tools = requireArray(body["tools"], "tools").map(toTool);
	if (tools.length === 0) return {};
	if (isAbsent(body["tool_choice"])) return { tools };
	const choice = requireObject(body["tool_choice"], "tool_choice");
	const parallel = choice["disable_parallel_tool_use"] === true ? { parallel_tool_calls: false } : {};
	switch (choice["type"]) {
		case "auto":
			return { tools, tool_choice: "auto", ...parallel };
		case "none":
			return { tools, tool_choice: "none" };
		case "any":
			return { tools, tool_choice: "required", ...parallel };
		case "tool": {
			const name = toShortName(requireText(choice["name"], "tool_choice.name"));
			return { tools, tool_choice: { type: "function", function: { name } }, ...parallel };
		}
		default:
			return refuse("tool_choice.type", "must be auto, any, tool or none");
	}
}

function toTool(raw: unknown, index: number): JsonObject {
	const field = `tools.${index}`;
	const tool = requireObject(raw, field);
	// A tool with a type of its own runs at Anthropic, or is known by heart to its models only.
	if (!isAbsent(tool["type"]) && tool["type"] !== "custom") {
		refuse(`${field}.type`, "only tools of your own can be passed on");
	}
	const parameters = requireObject(tool["input_schema"], `${field}.input_schema`);
	return {
		type: "function",
		function: compact({
			name: toShortName(requireText(tool["name"], `${field}.name`)),
			description: optionalText(tool["description"], `${field}.description`),
			parameters,
			strict: tool["strict"] === true && isStrict(parameters) ? true : undefined,
		}),
	};
}

/** `output_format` is what `output_config.format` was called in its beta. */
function toResponseFormat(body: JsonObject): JsonObject | undefined {
	const config = isObject(body["output_config"]) ? body["output_config"] : {};
	const field = isAbsent(config["format"]) ? "output_format" : "output_config.format";
	const raw = config["format"] ?? body["output_format"];
	if (isAbsent(raw)) return undefined;
	const format = requireObject(raw, field);
	if (format["type"] !== "json_schema") refuse(`${field}.type`, "must be json_schema");
	const schema = requireObject(format["schema"], `${field}.schema`);
	return { type: "json_schema", json_schema: { name: SCHEMA_NAME, schema, strict: isStrict(schema) } };
}
