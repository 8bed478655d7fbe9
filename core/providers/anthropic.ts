import type { EventSourceMessage } from "eventsource-parser";
import { z } from "zod";
import type { Egress } from "../egress/create-egress.ts";
import { openEventStream } from "../egress/event-stream.ts";
import { RETRY_AFTER_MS_MAX, toProviderFailure } from "../egress/http-failure.ts";
import { AppError, toAppError } from "../errors.ts";
import type {
	ChatMessage,
	FinishReason,
	Provider,
	ProviderEvent,
	ProviderRequest,
	ProviderUsage,
} from "./provider.ts";

const API_VERSION = "2023-06-01";

const eventSchema = z.object({
	type: z.string(),
	message: z.object({ usage: z.unknown().optional() }).optional(),
	delta: z
		.object({
			type: z.string().optional(),
			text: z.string().optional(),
			stop_reason: z.string().nullish(),
		})
		.optional(),
	usage: z.unknown().optional(),
	error: z.object({ type: z.string().optional(), message: z.string().optional() }).optional(),
});

/** Whole, not negative, below 2^31: anything else is nonsense and counts as not reported. */
const tokensSchema = z.number().int().min(0).max(2_147_483_647);
const inputSchema = z.object({
	input_tokens: tokensSchema,
	cache_creation_input_tokens: tokensSchema.nullish(),
	cache_read_input_tokens: tokensSchema.nullish(),
});
const outputSchema = z.object({ output_tokens: tokensSchema });

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
	end_turn: "stop",
	stop_sequence: "stop",
	max_tokens: "length",
	refusal: "content-filter",
};

/**
 * POST {baseUrl}/v1/messages as a stream. Source: Anthropic API, "Messages" and "Streaming messages", read 2026-11-20.
 */
export function createAnthropicProvider(deps: { readonly egress: Egress }): Provider {
	return {
		dialect: "anthropic",
		async *stream(endpoint, request, signal) {
			const events = openEventStream(
				deps.egress,
				{
					url: `${endpoint.baseUrl.replace(/\/+$/, "")}/v1/messages`,
					headers: { "x-api-key": endpoint.apiKey, "anthropic-version": API_VERSION },
					body: JSON.stringify(toBody(request)),
					allowPrivateNetwork: endpoint.allowPrivateNetwork,
					isFresh: endpoint.isFresh === true,
					timeouts: endpoint.timeouts,
					isLast: (event) => event.event === "message_stop",
					secret: endpoint.apiKey,
				},
				signal,
			);
			yield* readAnswer(events);
		},
	};
}

function toBody(request: ProviderRequest): Record<string, unknown> {
	const system = request.messages.filter((message) => message.role === "system");
	return {
		model: request.model,
		max_tokens: request.maxOutputTokens,
		stream: true,
		messages: toTurns(request.messages),
		...(system.length === 0 ? {} : { system: system.map((message) => message.content).join("\n\n") }),
		...(request.userTag === undefined ? {} : { metadata: { user_id: request.userTag } }),
	};
}

/** This dialect refuses empty texts and a conversation that begins with the assistant. */
function toTurns(messages: readonly ChatMessage[]): readonly ChatMessage[] {
	const spoken = messages.filter((message) => message.role !== "system" && message.content.trim() !== "");
	const first = spoken.findIndex((message) => message.role === "user");
	return first === -1 ? [] : spoken.slice(first);
}

type Answer = {
	finishReason: FinishReason | undefined;
	inputTokens: number | undefined;
	outputTokens: number | undefined;
	done: boolean;
	failure: AppError | undefined;
};

async function* readAnswer(
	batches: AsyncIterable<readonly EventSourceMessage[]>,
): AsyncGenerator<ProviderEvent, void, void> {
	const answer: Answer = {
		finishReason: undefined,
		inputTokens: undefined,
		outputTokens: undefined,
		done: false,
		failure: undefined,
	};
	let delivered = false;
	for await (const batch of batches) {
		const text = readBatch(batch, answer);
		if (text !== "") {
			delivered = true;
			yield { kind: "text", text };
		}
		if (answer.failure !== undefined) throw answer.failure;
	}
	const { finishReason, done } = answer;
	if (!done && finishReason === undefined && !delivered) {
		throw toProviderFailure("protocol", "the stream ended before the answer began");
	}
	const end = finishReason ?? (done ? "other" : "cut");
	const usage = toUsage(answer);
	yield usage === undefined ? { kind: "end", finishReason: end } : { kind: "end", finishReason: end, usage };
}

/** The text of a batch, up to a failure that is noted; what came before it was delivered. */
function readBatch(batch: readonly EventSourceMessage[], answer: Answer): string {
	let text = "";
	try {
		for (const event of batch) text += readEvent(toEvent(event.data), answer);
	} catch (error) {
		answer.failure = toAppError(error);
	}
	return text;
}

/** Notes what the event says about the answer and returns the text it carries. */
function readEvent(event: z.infer<typeof eventSchema>, answer: Answer): string {
	switch (event.type) {
		case "message_start":
			answer.inputTokens = toInputTokens(event.message?.usage);
			return "";
		case "content_block_delta":
			return event.delta?.type === "text_delta" ? (event.delta.text ?? "") : "";
		case "message_delta": {
			const reason = event.delta?.stop_reason;
			if (typeof reason === "string") answer.finishReason = FINISH_REASONS[reason] ?? "other";
			// Cumulative: the last one counts, nonsense included.
			const output = outputSchema.safeParse(event.usage);
			answer.outputTokens = output.success ? output.data.output_tokens : undefined;
			return "";
		}
		case "message_stop":
			answer.done = true;
			return "";
		case "error":
			throw toReported(event.error?.type ?? "", event.error?.message ?? "");
		default:
			return "";
	}
}

/** @throws AppError when it is no event of this dialect. */
function toEvent(data: string): z.infer<typeof eventSchema> {
	let json: unknown;
	try {
		json = JSON.parse(data);
	} catch (error) {
		throw toProviderFailure("protocol", `not JSON: ${data.slice(0, 100)}`, { error });
	}
	const parsed = eventSchema.safeParse(json);
	if (!parsed.success) throw toProviderFailure("protocol", `not an event: ${data.slice(0, 100)}`);
	return parsed.data;
}

function toReported(type: string, message: string): AppError {
	const words = `provider reported ${type}: ${message.slice(0, 200)}`;
	if (type === "rate_limit_error" || type === "overloaded_error") {
		return new AppError("ROUTER_RATE_LIMITED", words, { details: { retryAfterMs: RETRY_AFTER_MS_MAX / 6 } });
	}
	return toProviderFailure("protocol", words);
}

/** Cached input is input too: the account's tokens do not depend on what the vendor's cache holds. */
function toInputTokens(raw: unknown): number | undefined {
	const parsed = inputSchema.safeParse(raw);
	if (!parsed.success) return undefined;
	const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = parsed.data;
	return input_tokens + (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
}

function toUsage({ inputTokens, outputTokens }: Answer): ProviderUsage | undefined {
	if (inputTokens === undefined || outputTokens === undefined) return undefined;
	return { inputTokens, outputTokens };
}
