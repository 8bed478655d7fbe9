import { toAnswerId } from "../answer-id.ts";
import { toErrorBody } from "../error-body.ts";
import { toAnthropicFinish } from "../finish.ts";
import { createNameFinder } from "../tool-names.ts";
import type { AnswerContext, JsonObject, Usage } from "../types.ts";
import { OWN_SIGNATURE } from "../unsigned-thinking.ts";
import { toAnthropicUsage } from "../usage.ts";
import type { TextKind } from "./blocks.ts";
import type { SurfaceWriter } from "./surface-writer.ts";
import { toNamedEvent } from "./surface-writer.ts";

const NO_USAGE: Usage = {
	inputTokens: 0,
	outputTokens: 0,
	cacheReadTokens: 0,
	cacheWriteTokens: 0,
	reasoningTokens: 0,
};

/** An answer as the events of Anthropic's messages. */
export function createAnthropicWriter(context: AnswerContext): SurfaceWriter {
	const findName = createNameFinder(context.request);
	let index = -1;
	let open: TextKind | "tool" = "text";

	const toEvent = (type: string, fields: JsonObject): string => toNamedEvent(type, { type, ...fields });
	const toDelta = (delta: JsonObject): string => toEvent("content_block_delta", { index, delta });

	return {
		start: (usage) =>
			toEvent("message_start", {
				message: {
					id: toAnswerId("msg_", context.id),
					type: "message",
					role: "assistant",
					model: context.model,
					content: [],
					stop_reason: null,
					stop_sequence: null,
					// Most vendors of the other dialect tell it at the end only; the last event has it then.
					usage: toAnthropicUsage(usage ?? NO_USAGE),
				},
			}),
		block(event) {
			switch (event.kind) {
				case "open": {
					index += 1;
					open = event.block;
					const block =
						event.block === "tool" ? toToolBlock(event.id, findName(event.name)) : toTextBlock(event.block);
					return toEvent("content_block_start", { index, content_block: block });
				}
				case "delta":
					if (open === "tool") return toDelta({ type: "input_json_delta", partial_json: event.text });
					if (open === "thinking") return toDelta({ type: "thinking_delta", thinking: event.text });
					return toDelta({ type: "text_delta", text: event.text });
				default: {
					const signed =
						open === "thinking" ? toDelta({ type: "signature_delta", signature: OWN_SIGNATURE }) : "";
					return `${signed}${toEvent("content_block_stop", { index })}`;
				}
			}
		},
		finish(ending, usage) {
			const delta = {
				stop_reason: toAnthropicFinish(ending),
				stop_sequence: ending.finish === "stop" ? (ending.stopSequence ?? null) : null,
			};
			const told = toEvent("message_delta", { delta, usage: toAnthropicUsage(usage ?? NO_USAGE) });
			return `${told}${toEvent("message_stop", {})}`;
		},
		fail: (error) => toNamedEvent("error", toErrorBody("anthropic", error)),
	};
}

function toToolBlock(id: string, name: string): JsonObject {
	return { type: "tool_use", id, name, input: {} };
}

function toTextBlock(kind: TextKind): JsonObject {
	return kind === "thinking" ? { type: "thinking", thinking: "", signature: "" } : { type: "text", text: "" };
}
