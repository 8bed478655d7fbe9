import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** What a vendor's own package understood of a stream. */
export type Understood = {
	readonly text: string;
	readonly thinking: string;
	readonly refusal: string;
	readonly tools: readonly (readonly [string, string, string])[];
	readonly finish: string | null | undefined;
	readonly stopSequence: string | null;
	readonly usage: unknown;
};

/** Answers every request with this. */
function toFetch(body: string, contentType: string): () => Promise<Response> {
	return () => Promise.resolve(new Response(body, { headers: { "content-type": contentType } }));
}

const OPTIONS = { apiKey: "none", maxRetries: 0, logLevel: "off" } as const;
const STREAM = "text/event-stream";

export function createOpenAi(body: string, contentType = STREAM): OpenAI {
	return new OpenAI({ ...OPTIONS, baseURL: "http://gateway.test/v1", fetch: toFetch(body, contentType) });
}

export function createAnthropic(body: string, contentType = STREAM): Anthropic {
	return new Anthropic({ ...OPTIONS, baseURL: "http://gateway.test", fetch: toFetch(body, contentType) });
}

/** Twice: as raw chunks for what the package has no place for, and put together by its own helper. */
export async function readChat(stream: string): Promise<Understood> {
	const request = { model: "smart", messages: [{ role: "user" as const, content: "?" }] };
	let thinking = "";
	let usage: unknown = null;
	const chunks = await createOpenAi(stream).chat.completions.create({ ...request, stream: true });
	for await (const chunk of chunks) {
		const delta = chunk.choices[0]?.delta as { reasoning_content?: string } | undefined;
		thinking += delta?.reasoning_content ?? "";
		usage = chunk.usage ?? usage;
	}
	const helper = createOpenAi(stream).chat.completions.stream(request);
	const { choices } = await helper.finalChatCompletion();
	const message = choices[0]?.message;
	return {
		text: message?.content ?? "",
		thinking,
		refusal: message?.refusal ?? "",
		tools: (message?.tool_calls ?? []).flatMap((call) =>
			call.type === "function" ? [[call.id, call.function.name, call.function.arguments] as const] : [],
		),
		finish: choices[0]?.finish_reason,
		stopSequence: null,
		usage,
	};
}

export async function readMessage(stream: string): Promise<Understood> {
	const helper = createAnthropic(stream).messages.stream({
		model: "smart",
		max_tokens: 100,
		messages: [{ role: "user", content: "?" }],
	});
	const message = await helper.finalMessage();
	return {
		text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
		thinking: message.content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
		refusal: "",
		tools: message.content.flatMap((block) =>
			block.type === "tool_use" ? [[block.id, block.name, JSON.stringify(block.input)] as const] : [],
		),
		finish: message.stop_reason,
		stopSequence: message.stop_sequence,
		usage: message.usage,
	};
}

export async function readResponse(stream: string): Promise<Understood> {
	const helper = createOpenAi(stream).responses.stream({ model: "smart", input: "?" });
	const response = await helper.finalResponse();
	return { ...readOutput(response), usage: response.usage };
}

function readOutput(response: OpenAI.Responses.Response): Omit<Understood, "usage"> {
	let refusal = "";
	let thinking = "";
	const tools: (readonly [string, string, string])[] = [];
	for (const item of response.output) {
		if (item.type === "function_call") tools.push([item.call_id, item.name, item.arguments]);
		if (item.type === "reasoning") thinking += item.summary.map((part) => part.text).join("");
		if (item.type !== "message") continue;
		for (const part of item.content) if (part.type === "refusal") refusal += part.refusal;
	}
	return {
		text: response.output_text,
		thinking,
		refusal,
		tools,
		finish: response.incomplete_details?.reason ?? response.status,
		stopSequence: null,
	};
}
