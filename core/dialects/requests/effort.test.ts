import { expect, test } from "@jest/globals";
import { translateRequest } from "../dialect.ts";
import { readEffort, toThinking } from "./effort.ts";

const BUDGET = (budget_tokens: number) => ({
	thinking: { type: "enabled", budget_tokens },
	effort: undefined,
});
const NONE = { thinking: undefined, effort: undefined };

test.each<[string, string, number, object]>([
	["claude-sonnet-4-5", "low", 100_000, BUDGET(2_048)],
	["claude-sonnet-4-5", "max", 100_000, BUDGET(32_768)],
	["claude-sonnet-4-5", "high", 2_048, BUDGET(1_024)],
	["claude-sonnet-4-5", "high", 2_047, NONE],
	["claude-sonnet-4-5", "none", 100_000, NONE],
	["claude-sonnet-4-5", "constructor", 100_000, NONE],
	["kimi-k2", "medium", 100_000, BUDGET(8_192)],
	["claude-opus-4-6", "xhigh", 100, { thinking: { type: "adaptive" }, effort: "high" }],
	["claude-opus-5", "xhigh", 100, { thinking: { type: "adaptive", display: "summarized" }, effort: "xhigh" }],
	["claude-opus-5", "minimal", 100, { thinking: undefined, effort: "low" }],
	["claude-opus-5", "whatever", 100, NONE],
])("%s with the effort %s and %i tokens", (model, effort, maxTokens, expected) => {
	expect(toThinking(effort, model, maxTokens)).toEqual(expected);
});

test.each(["low", "medium", "high"])("the effort %s survives as a budget and as an effort", (effort) => {
	expect(readEffort({ ...toThinking(effort, "claude-sonnet-4-5", 100_000) })).toBe(effort);
	const { thinking, effort: told } = toThinking(effort, "claude-opus-5", 100);
	expect(readEffort({ thinking, output_config: { effort: told } })).toBe(effort);
});

test.each(["gpt-4.1-mini", "openai/gpt-4o", "gpt-3.5-turbo", "chatgpt-4o-latest"])(
	"%s knows no effort and refuses whoever names one",
	(model) => {
		const thinking = { type: "enabled", budget_tokens: 31_999 };
		const asked = { model, max_tokens: 100, messages: [{ role: "user", content: "Hi" }] };
		expect(translateRequest("anthropic", "openai", { ...asked, thinking })).toEqual(asked);
		const response = { model, input: "Hi", max_output_tokens: 100, reasoning: { effort: "low" } };
		expect(translateRequest("responses", "openai", response)).toEqual(asked);
	},
);
