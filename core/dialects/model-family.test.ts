import { expect, test } from "@jest/globals";
import { acceptsSampling, isOpenAiReasoningModel, thinksAdaptively } from "./model-family.ts";

test.each<[unknown, boolean, boolean]>([
	["claude-3-7-sonnet-20250219", false, true],
	["claude-opus-4-20250514", false, true],
	["claude-sonnet-4-5-20250929", false, true],
	["anthropic/claude-haiku-4.5", false, true],
	["claude-opus-4-6", true, true],
	["claude-opus-4-7", true, false],
	["claude-sonnet-5-5", true, false],
	["anthropic.claude-opus-5", true, false],
	["claude-something-new", true, false],
	["glm-4.7", false, true],
	["kimi-k2-thinking", false, true],
	[undefined, false, true],
])("%s thinks adaptively: %s, takes a temperature: %s", (model, isAdaptive, isSampled) => {
	expect(thinksAdaptively(model)).toBe(isAdaptive);
	expect(acceptsSampling(model)).toBe(isSampled);
});

test.each([
	["gpt-5.4-mini", true],
	["openai/gpt-6", true],
	["o3", true],
	["o4-mini", true],
	["gpt-4.1", false],
	["gpt-oss-120b", false],
	["glm-4.7", false],
	[7, false],
])("%s is one of OpenAI's reasoning models: %s", (model, expected) => {
	expect(isOpenAiReasoningModel(model)).toBe(expected);
});
