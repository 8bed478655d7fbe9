import { toAnswerId } from "../answer-id.ts";
import { looseObject } from "../fields.ts";
import type { AnswerContext, Finish, JsonObject, Usage } from "../types.ts";
import { toResponsesUsage } from "../usage.ts";

export type ResponseStatus = "in_progress" | "completed" | "incomplete";

/** How a response ends whose answer ended so. */
export function toStatus(finish: Finish): ResponseStatus {
	return finish === "length" || finish === "content-filter" ? "incomplete" : "completed";
}

/** The response object: mostly what the caller asked for, said back to him. */
export function toResponseObject(
	context: AnswerContext,
	output: readonly JsonObject[],
	end: { readonly finish: Finish; readonly usage: Usage | undefined } | undefined,
): JsonObject {
	const { request } = context;
	const status = end === undefined ? "in_progress" : toStatus(end.finish);
	const reasoning = looseObject(request["reasoning"]);
	return {
		id: toAnswerId("resp_", context.id),
		object: "response",
		created_at: context.nowSeconds,
		completed_at: status === "completed" ? context.nowSeconds : null,
		status,
		background: false,
		error: null,
		incomplete_details: status === "incomplete" ? { reason: toReason(end?.finish) } : null,
		instructions: request["instructions"] ?? null,
		max_output_tokens: request["max_output_tokens"] ?? null,
		metadata: looseObject(request["metadata"]),
		model: context.model,
		output,
		parallel_tool_calls: request["parallel_tool_calls"] ?? true,
		previous_response_id: null,
		reasoning: { effort: reasoning["effort"] ?? null, summary: reasoning["summary"] ?? null },
		service_tier: "default",
		store: false,
		temperature: request["temperature"] ?? 1,
		text: request["text"] ?? { format: { type: "text" } },
		tool_choice: request["tool_choice"] ?? "auto",
		tools: request["tools"] ?? [],
		top_p: request["top_p"] ?? 1,
		truncation: "disabled",
		usage: end?.usage === undefined ? null : toResponsesUsage(end.usage),
		user: request["user"] ?? null,
	};
}

function toReason(finish: Finish | undefined): string {
	return finish === "length" ? "max_output_tokens" : "content_filter";
}
