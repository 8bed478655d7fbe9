import { expect, test } from "@jest/globals";
import { translateRequest } from "./dialect.ts";
import { OWN_SIGNATURE } from "./unsigned-thinking.ts";

const HI = { role: "user", content: "Hi" };
const USES = {
	role: "assistant",
	content: [
		{ type: "text", text: "Let me see." },
		{ type: "tool_use", id: "toolu_1", name: "search", input: { q: "ä" } },
		{ type: "tool_use", id: "toolu_2", name: "now", input: {} },
	],
};

test("to its own dialect a body stays as it is, but for thinking that nobody there has signed", () => {
	const body = { model: "claude-opus-5-1", max_tokens: 1, messages: [HI, USES], anything: { new: true } };
	expect(translateRequest("anthropic", "anthropic", body)).toBe(body);
	const thought = { type: "thinking", thinking: "x", signature: OWN_SIGNATURE };
	const messages = [
		HI,
		{ role: "assistant", content: [thought, { type: "text", text: "a" }] },
		{ role: "assistant", content: [thought] },
	];
	expect(translateRequest("anthropic", "anthropic", { ...body, messages })).toEqual({
		...body,
		messages: [HI, { role: "assistant", content: [{ type: "text", text: "a" }] }],
	});
});

test("amid a round of tools whose thoughts nobody there has signed, a budget to think gives way", () => {
	const thought = { type: "thinking", thinking: "x", signature: OWN_SIGNATURE };
	const used = { role: "assistant", content: [thought, ...USES.content] };
	const results = {
		role: "user",
		content: ["toolu_1", "toolu_2"].map((id) => ({ type: "tool_result", tool_use_id: id, content: "1" })),
	};
	const thinking = { type: "enabled", budget_tokens: 2_048 };
	const body = { model: "claude-sonnet-4-5", max_tokens: 4_000, thinking, messages: [HI, used, results] };
	const { thinking: _, ...rest } = body;
	const messages = [HI, USES, results];
	expect(translateRequest("anthropic", "anthropic", body)).toEqual({ ...rest, messages });
	const adaptive = { ...body, thinking: { type: "adaptive" } };
	expect(translateRequest("anthropic", "anthropic", adaptive)).toEqual({ ...adaptive, messages });
	const next = [...messages, { role: "assistant", content: [{ type: "text", text: "Done." }] }, HI];
	const later = { ...body, messages: [HI, used, ...next.slice(2)] };
	expect(translateRequest("anthropic", "anthropic", later)).toEqual({ ...body, messages: next });
});
