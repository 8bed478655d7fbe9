import { expect, test } from "@jest/globals";
import { anthropicToOpenAi } from "./anthropic-to-openai.ts";

const HI = { role: "user", content: "Hi" };
const FRENCH = { role: "system", content: "Now in French." };
const REMINDER = "<system-reminder>\nNow in French.\n</system-reminder>";
const TOP = { role: "system", content: "Be brief." };
const PICTURE = { type: "image", source: { type: "url", url: "https://a.test/b.png" } };

function translate(model: string, messages: readonly object[]): unknown {
	return anthropicToOpenAi({ model, max_tokens: 9, system: "Be brief.", messages })["messages"];
}

test.each(["gpt-6", "openai/gpt-4.1", "o4-mini", "gpt-oss-120b"])(
	"%s gets a late system message as one",
	(model) => {
		expect(translate(model, [HI, FRENCH])).toEqual([TOP, HI, FRENCH]);
	},
);

test.each(["qwen3.8-27b", "glm-4.7", "kimi-k2", "MiniMax-M3"])(
	"%s has no system message but the first: a later one follows in what the user says",
	(model) => {
		expect(translate(model, [HI, FRENCH])).toEqual([TOP, { role: "user", content: `Hi\n${REMINDER}` }]);
	},
);

test("one behind a picture, behind a tool's result and behind another", () => {
	const call = { type: "tool_use", id: "call_1", name: "weather", input: {} };
	const result = { type: "tool_result", tool_use_id: "call_1", content: "sun" };
	const messages = [
		...[FRENCH, { role: "user", content: [PICTURE] }, FRENCH, FRENCH],
		...[{ role: "assistant", content: [call] }, { role: "user", content: [result] }, FRENCH, HI],
	];
	const reminder = { type: "text", text: REMINDER };
	const picture = { type: "image_url", image_url: { url: "https://a.test/b.png" } };
	expect(translate("qwen3.8-27b", messages)).toMatchObject([
		{ role: "system", content: "Be brief.\nNow in French." },
		{ role: "user", content: [picture, reminder, reminder] },
		{ role: "assistant", tool_calls: [{ id: "call_1" }] },
		{ role: "tool", tool_call_id: "call_1", content: "sun" },
		{ role: "user", content: REMINDER },
		HI,
	]);
});
