import { Buffer } from "node:buffer";

/** What the bench's vendor answers, and what it says the answer cost; all of it made once. */
export const EVENTS = 100;
export const EVENTS_A_WRITE = 10;
export const PERIOD_MS = 20;

/** Tokens as the vendor reports them: possible ones, so that they are what is charged. */
export const WHOLE_TOKENS = { input: 20, output: 220 } as const;
export const STREAM_TOKENS = { input: 20, output: 130 } as const;

/** In every piece of every answer, in whatever dialect it arrives. */
export const ANSWER_MARK = "tide";

const SENTENCE =
	"The tide comes in over the flats before six, and whoever wants bread from the harbour bakery walks along the wall. ";
const MODEL = "bench-model";

/** Complete responses and their parts, as HTTP. */
export type UpstreamBytes = {
	readonly whole: string;
	readonly streamHead: string;
	readonly event: string;
	readonly tail: string;
};

export function toUpstreamBytes(): UpstreamBytes {
	const body = JSON.stringify({
		id: "chatcmpl-bench",
		object: "chat.completion",
		created: 1_790_000_000,
		model: MODEL,
		choices: [
			{
				index: 0,
				message: { role: "assistant", content: SENTENCE.repeat(6).trim() },
				finish_reason: "stop",
			},
		],
		usage: toUsage(WHOLE_TOKENS),
	});
	return {
		whole: `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
		streamHead: "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
		event: toHttpChunk(toEvent([{ index: 0, delta: { content: "tide " }, finish_reason: null }])),
		tail: `${toHttpChunk(
			[
				toEvent([{ index: 0, delta: {}, finish_reason: "stop" }]),
				toEvent([], toUsage(STREAM_TOKENS)),
				"data: [DONE]\n\n",
			].join(""),
		)}0\r\n\r\n`,
	};
}

function toUsage({ input, output }: { readonly input: number; readonly output: number }): object {
	return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function toEvent(choices: readonly object[], usage?: object): string {
	const head = {
		id: "chatcmpl-bench",
		object: "chat.completion.chunk",
		created: 1_790_000_000,
		model: MODEL,
	};
	return `data: ${JSON.stringify({ ...head, choices, ...(usage !== undefined && { usage }) })}\n\n`;
}

function toHttpChunk(text: string): string {
	return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
