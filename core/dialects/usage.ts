import { isObject, looseObject } from "./fields.ts";
import type { JsonObject, Usage } from "./types.ts";

const TOKENS_MAX = 2_147_483_647;

/** Whole, not negative, below 2^31: anything else is nonsense and counts as not reported. */
function toTokens(value: unknown): number | undefined {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= TOKENS_MAX
		? value
		: undefined;
}

/** OpenAI's `usage`, with the places DeepSeek and Moonshot put cached tokens at. */
export function readOpenAiUsage(raw: unknown): Usage | undefined {
	if (!isObject(raw)) return undefined;
	const inputTokens = toTokens(raw["prompt_tokens"]);
	const outputTokens = toTokens(raw["completion_tokens"]);
	if (inputTokens === undefined || outputTokens === undefined) return undefined;
	const input = looseObject(raw["prompt_tokens_details"]);
	const output = looseObject(raw["completion_tokens_details"]);
	const cacheRead = input["cached_tokens"] ?? raw["prompt_cache_hit_tokens"] ?? raw["cached_tokens"];
	const cacheReadTokens = Math.min(toTokens(cacheRead) ?? 0, inputTokens);
	return {
		inputTokens,
		outputTokens,
		cacheReadTokens,
		cacheWriteTokens: Math.min(toTokens(input["cache_write_tokens"]) ?? 0, inputTokens - cacheReadTokens),
		reasoningTokens: Math.min(toTokens(output["reasoning_tokens"]) ?? 0, outputTokens),
	};
}

/** Anthropic's `usage`: its input_tokens leave out what was read from or written to the cache. */
export function readAnthropicUsage(raw: unknown): Usage | undefined {
	if (!isObject(raw)) return undefined;
	const fresh = toTokens(raw["input_tokens"]);
	const outputTokens = toTokens(raw["output_tokens"]);
	const cacheReadTokens = toTokens(raw["cache_read_input_tokens"] ?? 0);
	const cacheWriteTokens = toTokens(raw["cache_creation_input_tokens"] ?? 0);
	if (fresh === undefined || outputTokens === undefined) return undefined;
	if (cacheReadTokens === undefined || cacheWriteTokens === undefined) return undefined;
	const inputTokens = toTokens(fresh + cacheReadTokens + cacheWriteTokens);
	if (inputTokens === undefined) return undefined;
	const thinking = looseObject(raw["output_tokens_details"])["thinking_tokens"];
	return {
		inputTokens,
		outputTokens,
		cacheReadTokens,
		cacheWriteTokens,
		reasoningTokens: Math.min(toTokens(thinking) ?? 0, outputTokens),
	};
}

/** Anthropic's counters are sums so far: those of a later event replace those of an earlier one, field by field. */
export function mergeAnthropicUsage(earlier: JsonObject, later: unknown): JsonObject {
	if (!isObject(later)) return earlier;
	const told = Object.entries(later).filter(([, value]) => value !== null && value !== undefined);
	return { ...earlier, ...Object.fromEntries(told) };
}

export function toOpenAiUsage(usage: Usage): JsonObject {
	return {
		prompt_tokens: usage.inputTokens,
		completion_tokens: usage.outputTokens,
		total_tokens: usage.inputTokens + usage.outputTokens,
		prompt_tokens_details: {
			cached_tokens: usage.cacheReadTokens,
			cache_write_tokens: usage.cacheWriteTokens,
		},
		completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
	};
}

export function toAnthropicUsage(usage: Usage): JsonObject {
	return {
		input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
		cache_creation_input_tokens: usage.cacheWriteTokens,
		cache_read_input_tokens: usage.cacheReadTokens,
		output_tokens: usage.outputTokens,
		output_tokens_details: { thinking_tokens: usage.reasoningTokens },
	};
}

export function toResponsesUsage(usage: Usage): JsonObject {
	return {
		input_tokens: usage.inputTokens,
		input_tokens_details: {
			cached_tokens: usage.cacheReadTokens,
			cache_write_tokens: usage.cacheWriteTokens,
		},
		output_tokens: usage.outputTokens,
		output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
		total_tokens: usage.inputTokens + usage.outputTokens,
	};
}
