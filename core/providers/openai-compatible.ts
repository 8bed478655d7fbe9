import type { EventSourceMessage } from "eventsource-parser";
import { z } from "zod";
import type { Egress } from "../egress/create-egress.ts";
import { openEventStream } from "../egress/event-stream.ts";
import { RETRY_AFTER_MS_MAX, toProviderFailure } from "../egress/http-failure.ts";
import { AppError, toAppError } from "../errors.ts";
import type {
	FinishReason,
	Provider,
	ProviderEndpoint,
	ProviderEvent,
	ProviderRequest,
	ProviderUsage,
} from "./provider.ts";

/** Loose on purpose: dozens of vendors speak this dialect, each with extras. What we read is checked, the rest ignored. */
const chunkSchema = z.object({
	choices: z
		.array(
			z.object({
				delta: z.object({ content: z.string().nullish() }).nullish(),
				finish_reason: z.string().nullish(),
				/** Moonshot puts the usage here. */
				usage: z.unknown().optional(),
			}),
		)
		.nullish(),
	usage: z.unknown().optional(),
	error: z.unknown().optional(),
});

/** Whole, not negative, below 2^31: anything else is nonsense and counts as not reported. */
const tokensSchema = z.number().int().min(0).max(2_147_483_647);
const usageSchema = z.object({ prompt_tokens: tokensSchema, completion_tokens: tokensSchema });
const errorSchema = z.object({
	message: z.string().optional(),
	type: z.string().nullish(),
	code: z.union([z.string(), z.number()]).nullish(),
});

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
	stop: "stop",
	length: "length",
	content_filter: "content-filter",
	sensitive: "content-filter",
};

/**
 * POST {baseUrl}/chat/completions, always as a stream with its usage asked for.
 * Source: OpenAI API reference, "Chat completions", read 2026-11-20.
 */
export function createOpenAiProvider(deps: { readonly egress: Egress }): Provider {
	return {
		dialect: "openai",
		async *stream(endpoint, request, signal) {
			const events = openEventStream(
				deps.egress,
				{
					url: `${endpoint.baseUrl.replace(/\/+$/, "")}/chat/completions`,
					// A model on the local network may ask for no key.
					headers: endpoint.apiKey === "" ? {} : { authorization: `Bearer ${endpoint.apiKey}` },
					body: JSON.stringify(toBody(endpoint, request)),
					allowPrivateNetwork: endpoint.allowPrivateNetwork,
					isFresh: endpoint.isFresh === true,
					timeouts: endpoint.timeouts,
					isLast: (event) => event.data === "[DONE]",
					secret: endpoint.apiKey,
				},
				signal,
			);
			yield* readAnswer(events);
		},
	};
}

function toBody(endpoint: ProviderEndpoint, request: ProviderRequest): Record<string, unknown> {
	// OpenAI's own newer models refuse max_tokens; everybody else knows nothing but max_tokens.
	const isOpenAi = URL.parse(endpoint.baseUrl)?.hostname === "api.openai.com";
	return {
		model: request.model,
		messages: request.messages,
		stream: true,
		stream_options: { include_usage: true },
		[isOpenAi ? "max_completion_tokens" : "max_tokens"]: request.maxOutputTokens,
		...(request.userTag === undefined ? {} : { user: request.userTag }),
	};
}

type Answer = {
	finishReason: FinishReason | undefined;
	usage: ProviderUsage | undefined;
	done: boolean;
	failure: AppError | undefined;
};

async function* readAnswer(
	batches: AsyncIterable<readonly EventSourceMessage[]>,
): AsyncGenerator<ProviderEvent, void, void> {
	const answer: Answer = { finishReason: undefined, usage: undefined, done: false, failure: undefined };
	let delivered = false;
	for await (const batch of batches) {
		const text = readBatch(batch, answer);
		if (text !== "") {
			delivered = true;
			yield { kind: "text", text };
		}
		if (answer.failure !== undefined) throw answer.failure;
	}
	const { finishReason, usage, done } = answer;
	if (!done && finishReason === undefined && !delivered) {
		throw toProviderFailure("protocol", "the stream ended before the answer began");
	}
	// A proxy may swallow [DONE]; a finish reason says as much. Without either the far end broke off.
	const end = finishReason ?? (done ? "other" : "cut");
	yield usage === undefined ? { kind: "end", finishReason: end } : { kind: "end", finishReason: end, usage };
}

/** The text of a batch, up to a failure that is noted; what came before it was delivered. */
function readBatch(batch: readonly EventSourceMessage[], answer: Answer): string {
	let text = "";
	try {
		for (const event of batch) {
			answer.done ||= event.data === "[DONE]";
			if (answer.done) break;
			const chunk = toChunk(event.data);
			const choice = chunk.choices?.[0];
			text += choice?.delta?.content ?? "";
			answer.finishReason = toFinishReason(choice?.finish_reason) ?? answer.finishReason;
			answer.usage = toUsage(chunk.usage ?? choice?.usage) ?? answer.usage;
		}
	} catch (error) {
		answer.failure = toAppError(error);
	}
	return text;
}

/** @throws AppError when the chunk is not one, or is the provider's own error. */
function toChunk(data: string): z.infer<typeof chunkSchema> {
	let json: unknown;
	try {
		json = JSON.parse(data);
	} catch (error) {
		throw toProviderFailure("protocol", `not JSON: ${data.slice(0, 100)}`, { error });
	}
	const parsed = chunkSchema.safeParse(json);
	if (!parsed.success) throw toProviderFailure("protocol", `not a chunk: ${data.slice(0, 100)}`);
	if (parsed.data.error !== undefined && parsed.data.error !== null) throw toReported(parsed.data.error);
	return parsed.data;
}

function toReported(raw: unknown): AppError {
	const parsed = errorSchema.safeParse(raw);
	const { message = "", type, code } = parsed.success ? parsed.data : {};
	const words = `provider reported ${code ?? type ?? "an error"}: ${message.slice(0, 200)}`;
	if (String(code) === "429" || /rate_?limit/i.test(`${type} ${code}`)) {
		return new AppError("ROUTER_RATE_LIMITED", words, { details: { retryAfterMs: RETRY_AFTER_MS_MAX / 6 } });
	}
	return toProviderFailure("protocol", words);
}

function toFinishReason(reason: string | null | undefined): FinishReason | undefined {
	if (reason === null || reason === undefined || reason === "") return undefined;
	return FINISH_REASONS[reason] ?? "other";
}

function toUsage(raw: unknown): ProviderUsage | undefined {
	if (raw === undefined || raw === null) return undefined;
	const parsed = usageSchema.safeParse(raw);
	if (!parsed.success) return undefined;
	return { inputTokens: parsed.data.prompt_tokens, outputTokens: parsed.data.completion_tokens };
}
