import { isObject } from "../fields.ts";
import { acceptsSampling, thinksAdaptively } from "../model-family.ts";
import type { JsonObject } from "../types.ts";

/** Tokens to think with that stand for an effort, and the other way round. Anthropic wants at least 1,024. */
const BUDGETS: Readonly<Record<string, number>> = {
	minimal: 1_024,
	low: 2_048,
	medium: 8_192,
	high: 16_384,
	xhigh: 32_768,
	max: 32_768,
};
const BUDGET_MIN = 1_024;
const ADAPTIVE_EFFORTS: ReadonlySet<string> = new Set(["low", "medium", "high", "xhigh", "max"]);

/** What a body of Anthropic's dialect gets for an effort. */
export type ThinkingFields = {
	readonly thinking: JsonObject | undefined;
	readonly effort: string | undefined;
};

const NO_THINKING: ThinkingFields = { thinking: undefined, effort: undefined };

/**
 * A budget must stay below `max_tokens`, which is the caller's limit and is not raised for it; an answer that has no room
 * for thinking goes without.
 */
export function toThinking(effort: string, model: unknown, maxTokens: number): ThinkingFields {
	if (thinksAdaptively(model)) {
		// The newest models refuse thinking that is disabled: the least effort is as close as it gets.
		if (effort === "none" || effort === "minimal") return { thinking: undefined, effort: "low" };
		if (!ADAPTIVE_EFFORTS.has(effort)) return NO_THINKING;
		// The first models of this kind show their thoughts anyway and know no effort above high.
		if (acceptsSampling(model)) return { thinking: { type: "adaptive" }, effort: toKnownEffort(effort) };
		return { thinking: { type: "adaptive", display: "summarized" }, effort };
	}
	const wished = Object.hasOwn(BUDGETS, effort) ? BUDGETS[effort] : undefined;
	if (wished === undefined) return NO_THINKING;
	const budget = Math.min(wished, Math.floor(maxTokens / 2));
	if (budget < BUDGET_MIN) return NO_THINKING;
	return { thinking: { type: "enabled", budget_tokens: budget }, effort: undefined };
}

/**
 * The effort that stands for Anthropic's `thinking` and `output_config.effort`. Undefined unless thinking was asked for:
 * many models of OpenAI's dialect refuse the field, and an effort alone is only a hint.
 */
export function readEffort(body: JsonObject): string | undefined {
	const thinking = body["thinking"];
	if (!isObject(thinking)) return undefined;
	if (thinking["type"] === "enabled") return toEffort(thinking["budget_tokens"]);
	if (thinking["type"] !== "adaptive") return undefined;
	const config = body["output_config"];
	const effort = isObject(config) ? config["effort"] : undefined;
	return toKnownEffort(effort);
}

/** xhigh and max are known to few; high is known to all who know efforts, and what is meant where none is named. */
function toKnownEffort(effort: unknown): string {
	return effort === "low" || effort === "medium" ? effort : "high";
}

function toEffort(budget: unknown): string {
	if (typeof budget !== "number") return "medium";
	if (budget <= 4_096) return "low";
	return budget < 16_384 ? "medium" : "high";
}
