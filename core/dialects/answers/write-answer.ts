import { toAnswerId } from "../answer-id.ts";
import { parseToolArguments } from "../fields.ts";
import type { Ending } from "../finish.ts";
import { mendFinish, toAnthropicFinish, toOpenAiFinish } from "../finish.ts";
import type { TextKind } from "../streams/blocks.ts";
import { createNameFinder } from "../tool-names.ts";
import type { AnswerContext, JsonObject, Surface, Usage } from "../types.ts";
import { OWN_SIGNATURE } from "../unsigned-thinking.ts";
import { toAnthropicUsage, toOpenAiUsage } from "../usage.ts";
import type { Answer, AnswerBlock } from "./answer.ts";
import { toItem, toItemId } from "./responses-items.ts";
import { toResponseObject, toStatus } from "./responses-object.ts";

const NO_USAGE: Usage = {
	inputTokens: 0,
	outputTokens: 0,
	cacheReadTokens: 0,
	cacheWriteTokens: 0,
	reasoningTokens: 0,
};

/** A whole answer in the shape of the surface. */
export function fromAnswer(surface: Surface, answer: Answer, context: AnswerContext): JsonObject {
	const hasTools = answer.blocks.some((block) => block.kind === "tool");
	const finish = mendFinish(answer.finish ?? "other", hasTools);
	const ending: Ending = { finish, stopSequence: answer.stopSequence };
	switch (surface) {
		case "openai":
			return toChatCompletion(answer, ending, context);
		case "anthropic":
			return toMessage(answer, ending, context);
		default: {
			const status = toStatus(finish);
			const output = answer.blocks.map((block, index) =>
				toItem(block, toItemId(block.kind, context.id, index), status),
			);
			return toResponseObject(context, output, { finish, usage: answer.usage });
		}
	}
}

function toChatCompletion({ blocks, usage }: Answer, ending: Ending, context: AnswerContext): JsonObject {
	const calls = blocks.flatMap((block) =>
		block.kind === "tool"
			? [{ id: block.id, type: "function", function: { name: block.name, arguments: block.text } }]
			: [],
	);
	const reasoning = join(blocks, "thinking");
	const message = {
		role: "assistant",
		content: join(blocks, "text") ?? null,
		refusal: join(blocks, "refusal") ?? null,
		...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
		...(calls.length === 0 ? {} : { tool_calls: calls }),
	};
	return {
		id: toAnswerId("chatcmpl-", context.id),
		object: "chat.completion",
		created: context.nowSeconds,
		model: context.model,
		choices: [{ index: 0, message, logprobs: null, finish_reason: toOpenAiFinish(ending) }],
		...(usage === undefined ? {} : { usage: toOpenAiUsage(usage) }),
	};
}

function join(blocks: readonly AnswerBlock[], kind: TextKind): string | undefined {
	const texts = blocks.filter((block) => block.kind === kind).map((block) => block.text);
	return texts.length === 0 ? undefined : texts.join("");
}

function toMessage({ blocks, usage }: Answer, ending: Ending, context: AnswerContext): JsonObject {
	const findName = createNameFinder(context.request);
	return {
		id: toAnswerId("msg_", context.id),
		type: "message",
		role: "assistant",
		model: context.model,
		content: blocks.flatMap((block) => toContentBlock(block, findName)),
		stop_reason: toAnthropicFinish(ending),
		stop_sequence: ending.finish === "stop" ? (ending.stopSequence ?? null) : null,
		usage: toAnthropicUsage(usage ?? NO_USAGE),
	};
}

/** Arguments that broke off are no object: a call with wrong ones is worse than none. */
function toContentBlock(
	block: AnswerBlock,
	findName: ReturnType<typeof createNameFinder>,
): readonly JsonObject[] {
	if (block.kind === "thinking")
		return [{ type: "thinking", thinking: block.text, signature: OWN_SIGNATURE }];
	if (block.kind !== "tool") return [{ type: "text", text: block.text }];
	const input = parseToolArguments(block.text);
	return input === undefined ? [] : [{ type: "tool_use", id: block.id, name: findName(block.name), input }];
}
