/** An answer with all that one may hold, in either dialect, whole or streamed as the request asks. */
export type FakeMessage = {
	readonly kind: "message";
	readonly thinking?: string;
	readonly text?: string;
	readonly tools?: readonly FakeToolCall[];
	/** Said as it is, nonsense included; "none": not reported. */
	readonly usage?: { readonly input: unknown; readonly output: unknown } | "none";
	/** In the dialect's own words; by default what the content says. */
	readonly finishReason?: string;
};

export type FakeToolCall = {
	readonly id: string;
	readonly name: string;
	readonly arguments: Readonly<Record<string, unknown>>;
};

const USAGE = { input: 20, output: 2 } as const;

/** The body of a whole answer; the dialect follows from the path. */
export function toWholeBody(path: string, message: FakeMessage): string {
	if (path.endsWith("/embeddings")) return JSON.stringify(toEmbeddings(message));
	return JSON.stringify(path.endsWith("/messages") ? toAnthropic(message) : toOpenAi(message));
}

/** The same as events. */
export function toEvents(path: string, message: FakeMessage): string {
	return path.endsWith("/messages") ? toAnthropicEvents(message) : toOpenAiChunks(message);
}

function toEmbeddings({ usage = USAGE }: FakeMessage): object {
	return {
		object: "list",
		data: [{ object: "embedding", index: 0, embedding: [0.25, -0.5, 0.125] }],
		model: "fake",
		...(usage !== "none" && { usage: { prompt_tokens: usage.input, total_tokens: usage.input } }),
	};
}

function toOpenAi(message: FakeMessage): object {
	const { text, thinking, usage = USAGE } = message;
	const calls = toToolCalls(message);
	return {
		id: "chatcmpl-1",
		object: "chat.completion",
		created: 1_790_000_000,
		model: "fake",
		choices: [
			{
				index: 0,
				message: {
					role: "assistant",
					content: text ?? null,
					refusal: null,
					...(thinking !== undefined && { reasoning_content: thinking }),
					...(calls.length > 0 && { tool_calls: calls }),
				},
				finish_reason: toOpenAiFinish(message),
				logprobs: null,
			},
		],
		...(usage !== "none" && { usage: toOpenAiUsage(usage) }),
	};
}

function toOpenAiChunks(message: FakeMessage): string {
	const { text, thinking, usage = USAGE } = message;
	const chunk = (choices: readonly object[], more: object = {}): string =>
		`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_790_000_000, model: "fake", choices, ...more })}\n\n`;
	const delta = (value: object): string => chunk([{ index: 0, delta: value, finish_reason: null }]);
	const calls = toToolCalls(message).flatMap((call, index) => {
		const [first, rest] = halve(call.function.arguments);
		return [
			delta({ tool_calls: [{ index, ...call, function: { ...call.function, arguments: first } }] }),
			delta({ tool_calls: [{ index, function: { arguments: rest } }] }),
		];
	});
	return [
		delta({ role: "assistant", content: "" }),
		...(thinking === undefined ? [] : halve(thinking).map((piece) => delta({ reasoning_content: piece }))),
		...(text === undefined ? [] : halve(text).map((piece) => delta({ content: piece }))),
		...calls,
		chunk([{ index: 0, delta: {}, finish_reason: toOpenAiFinish(message) }]),
		...(usage === "none" ? [] : [chunk([], { usage: toOpenAiUsage(usage) })]),
		"data: [DONE]\n\n",
	].join("");
}

function toOpenAiUsage({ input, output }: { readonly input: unknown; readonly output: unknown }): object {
	return { prompt_tokens: input, completion_tokens: output, total_tokens: Number(input) + Number(output) };
}

function toToolCalls({ tools = [] }: FakeMessage) {
	return tools.map((call) => ({
		id: call.id,
		type: "function",
		function: { name: call.name, arguments: JSON.stringify(call.arguments) },
	}));
}

function toOpenAiFinish({ finishReason, tools = [] }: FakeMessage): string {
	return finishReason ?? (tools.length > 0 ? "tool_calls" : "stop");
}

function toAnthropic(message: FakeMessage): object {
	const { text, thinking, tools = [], usage = USAGE } = message;
	return {
		id: "msg_1",
		type: "message",
		role: "assistant",
		model: "fake",
		content: [
			...(thinking === undefined ? [] : [{ type: "thinking", thinking, signature: SIGNATURE }]),
			...(text === undefined ? [] : [{ type: "text", text }]),
			...tools.map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
		],
		stop_reason: toAnthropicFinish(message),
		stop_sequence: null,
		...(usage !== "none" && { usage: { input_tokens: usage.input, output_tokens: usage.output } }),
	};
}

const SIGNATURE = "c2lnbmF0dXJl";

function toAnthropicEvents(message: FakeMessage): string {
	const { text, thinking, tools = [], usage = USAGE } = message;
	const event = (type: string, value: object): string =>
		`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
	let index = -1;
	const block = (begin: object, deltas: readonly object[]): string => {
		index += 1;
		return [
			event("content_block_start", { index, content_block: begin }),
			...deltas.map((delta) => event("content_block_delta", { index, delta })),
			event("content_block_stop", { index }),
		].join("");
	};
	const start = {
		...{ id: "msg_1", type: "message", role: "assistant", model: "fake", content: [], stop_reason: null },
		...(usage !== "none" && { usage: { input_tokens: usage.input, output_tokens: 1 } }),
	};
	const thoughts =
		thinking === undefined
			? ""
			: block({ type: "thinking", thinking: "", signature: "" }, [
					...halve(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece })),
					{ type: "signature_delta", signature: SIGNATURE },
				]);
	const words =
		text === undefined
			? ""
			: block(
					{ type: "text", text: "" },
					halve(text).map((piece) => ({ type: "text_delta", text: piece })),
				);
	const calls = tools.map(({ id, name, arguments: input }) =>
		block(
			{ type: "tool_use", id, name, input: {} },
			halve(JSON.stringify(input)).map((piece) => ({ type: "input_json_delta", partial_json: piece })),
		),
	);
	return [
		event("message_start", { message: start }),
		...[thoughts, words, ...calls],
		event("message_delta", {
			delta: { stop_reason: toAnthropicFinish(message), stop_sequence: null },
			...(usage !== "none" && { usage: { output_tokens: usage.output } }),
		}),
		event("message_stop", {}),
	].join("");
}

function toAnthropicFinish({ finishReason, tools = [] }: FakeMessage): string {
	return finishReason ?? (tools.length > 0 ? "tool_use" : "end_turn");
}

function halve(text: string): readonly [string, string] {
	const middle = Math.ceil(text.length / 2);
	return [text.slice(0, middle), text.slice(middle)];
}
