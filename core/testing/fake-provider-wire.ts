/** The bytes of a streamed answer in one dialect. */
export type WireFormat = {
	begin(): string;
	piece(text: string): string;
	end(finishReason: string | undefined, terminator: boolean): string;
	error(message: string): string;
};

type Usage = { readonly input: unknown; readonly output: unknown } | "none";

/** The dialect follows from the path, as it does for a real vendor that speaks both. */
export function toWireFormat(path: string, usage: Usage): WireFormat {
	return path.endsWith("/messages") ? anthropicFormat(usage) : openAiFormat(usage);
}

function openAiFormat(usage: Usage): WireFormat {
	const chunk = (value: Record<string, unknown>): string =>
		`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", model: "fake", ...value })}\n\n`;
	return {
		begin: () =>
			chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] }),
		piece: (content) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
		end(finishReason = "stop", terminator) {
			const finish =
				finishReason === "none"
					? ""
					: chunk({ choices: [{ index: 0, delta: {}, finish_reason: finishReason }] });
			const counted =
				usage === "none"
					? ""
					: chunk({ choices: [], usage: { prompt_tokens: usage.input, completion_tokens: usage.output } });
			return `${finish}${counted}${terminator ? "data: [DONE]\n\n" : ""}`;
		},
		error: (message) => chunk({ error: { message, type: "server_error" } }),
	};
}

function anthropicFormat(usage: Usage): WireFormat {
	const event = (type: string, value: Record<string, unknown>): string =>
		`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
	const input = usage === "none" ? {} : { usage: { input_tokens: usage.input, output_tokens: 1 } };
	const output = usage === "none" ? {} : { usage: { output_tokens: usage.output } };
	return {
		begin: () =>
			event("message_start", { message: { id: "msg_1", role: "assistant", content: [], ...input } }) +
			event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
			event("ping", {}),
		piece: (text) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
		end(finishReason = "end_turn", terminator) {
			const delta = finishReason === "none" ? {} : { stop_reason: finishReason };
			return (
				event("content_block_stop", { index: 0 }) +
				event("message_delta", { delta, ...output }) +
				(terminator ? event("message_stop", {}) : "")
			);
		},
		error: (message) => event("error", { error: { type: "api_error", message } }),
	};
}
