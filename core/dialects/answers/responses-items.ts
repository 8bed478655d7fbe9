import type { TextKind } from "../streams/blocks.ts";
import type { JsonObject } from "../types.ts";

/** What an item of a response is made of. */
export type ItemSource =
	| { readonly kind: TextKind; readonly text: string }
	| { readonly kind: "tool"; readonly id: string; readonly name: string; readonly text: string };

const PREFIXES: Readonly<Record<ItemSource["kind"], string>> = {
	text: "msg",
	refusal: "msg",
	thinking: "rs",
	tool: "fc",
};

/** The same in each event of one item, and never the same twice in a response. */
export function toItemId(kind: ItemSource["kind"], answerId: string, index: number): string {
	return `${PREFIXES[kind]}_${answerId}_${index}`;
}

/** An output item; reasoning is shown as a summary, where clients look for it. */
export function toItem(source: ItemSource, itemId: string, status: string): JsonObject {
	const isDone = status !== "in_progress";
	switch (source.kind) {
		case "tool":
			return {
				id: itemId,
				type: "function_call",
				status,
				call_id: source.id,
				name: source.name,
				arguments: isDone ? source.text || "{}" : "",
			};
		case "thinking":
			return { id: itemId, type: "reasoning", summary: isDone ? [toSummaryPart(source.text)] : [] };
		default:
			return {
				id: itemId,
				type: "message",
				status,
				role: "assistant",
				content: isDone ? [toContentPart(source.kind, source.text)] : [],
			};
	}
}

export function toSummaryPart(text: string): JsonObject {
	return { type: "summary_text", text };
}

export function toContentPart(kind: "text" | "refusal", text: string): JsonObject {
	if (kind === "refusal") return { type: "refusal", refusal: text };
	return { type: "output_text", text, annotations: [], logprobs: [] };
}
