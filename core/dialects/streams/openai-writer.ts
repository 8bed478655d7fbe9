import { toAnswerId } from "../answer-id.ts";
import { toErrorFields } from "../error-body.ts";
import { isObject } from "../fields.ts";
import { toOpenAiFinish } from "../finish.ts";
import type { AnswerContext, JsonObject } from "../types.ts";
import { toOpenAiUsage } from "../usage.ts";
import type { BlockEvent, TextKind } from "./blocks.ts";
import type { SurfaceWriter } from "./surface-writer.ts";

const FIELDS: Readonly<Record<TextKind, string>> = {
	text: "content",
	refusal: "refusal",
	// Not OpenAI's own, but what every vendor who shows reasoning and every client that reads it agree on.
	thinking: "reasoning_content",
};

/** An answer as chunks of chat completions. */
export function createOpenAiWriter(context: AnswerContext): SurfaceWriter {
	const head = {
		id: toAnswerId("chatcmpl-", context.id),
		object: "chat.completion.chunk",
		created: context.nowSeconds,
		model: context.model,
	};
	const options = context.request["stream_options"];
	const wantsUsage = isObject(options) && options["include_usage"] === true;
	let open: BlockEvent["kind"] | TextKind | "tool" = "close";
	let tools = 0;

	const toChunk = (delta: JsonObject, finishReason: string | null = null): string =>
		toData({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });

	return {
		start: () => toChunk({ role: "assistant", content: "" }),
		block(event) {
			if (event.kind === "close") return "";
			if (event.kind === "open") {
				open = event.block;
				if (event.block !== "tool") return "";
				tools += 1;
				const called = { name: event.name, arguments: "" };
				return toChunk({
					tool_calls: [{ index: tools - 1, id: event.id, type: "function", function: called }],
				});
			}
			if (open === "tool") {
				return toChunk({ tool_calls: [{ index: tools - 1, function: { arguments: event.text } }] });
			}
			return toChunk({ [FIELDS[open as TextKind]]: event.text });
		},
		finish(ending, usage) {
			const last = toChunk({}, toOpenAiFinish(ending));
			const told =
				wantsUsage && usage !== undefined
					? toData({ ...head, choices: [], usage: toOpenAiUsage(usage) })
					: "";
			return `${last}${told}data: [DONE]\n\n`;
		},
		fail: (error) => toData({ error: toErrorFields("openai", error) }),
	};
}

function toData(data: object): string {
	return `data: ${JSON.stringify(data)}\n\n`;
}
