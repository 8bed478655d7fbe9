import { AppError } from "../errors.ts";
import { toAnswer, toReading } from "./answers/read-answer.ts";
import { fromAnswer } from "./answers/write-answer.ts";
import { toErrorBody as toBody } from "./error-body.ts";
import { findRequestText } from "./requests/request-text.ts";
import { toProviderBody } from "./requests/translate-request.ts";
import { createAnthropicWriter } from "./streams/anthropic-writer.ts";
import { createOpenAiWriter } from "./streams/openai-writer.ts";
import { createPassThrough } from "./streams/pass-through.ts";
import { createTranslator } from "./streams/stream-translator.ts";
import type {
	AnswerContext,
	Dialect,
	DialectError,
	JsonObject,
	Reading,
	StreamReader,
	StreamTranslator,
	Surface,
} from "./types.ts";
import { createStreamWatch } from "./watch/stream-watch.ts";

export type {
	AnswerContext,
	Dialect,
	DialectError,
	Finish,
	JsonObject,
	Reading,
	StreamReader,
	StreamReading,
	StreamTranslator,
	Surface,
	Usage,
} from "./types.ts";

/**
 * The body for a provider of dialect `to`. Put the provider's own model name into `model` first: a few rules hang on it.
 * In the same dialect unknown fields stay, in another one what has no counterpart is dropped, or refused where the caller
 * could not go on without it.
 * @throws AppError REQUEST_INVALID, details `{ reason: "field-invalid", field: "messages.3.content" }`
 */
export function translateRequest(from: Surface, to: Dialect, body: JsonObject): JsonObject {
	return toProviderBody(from, to, body);
}

/**
 * A whole (not streamed) answer of a provider, for the caller; in the same dialect it stays as it is.
 * @throws AppError ROUTER_NO_PROVIDER when it is no answer of the dialect
 */
export function translateAnswer(
	from: Dialect,
	to: Surface,
	answer: JsonObject,
	context: AnswerContext,
): JsonObject {
	if (from === to) return answer;
	const read = toAnswer(from, answer, context.id);
	if (read === undefined) throw new AppError("ROUTER_NO_PROVIDER", `not an answer of the dialect ${from}`);
	return fromAnswer(to, read, context);
}

/** Bytes of a provider's stream in, text of the caller's stream out; in the same dialect every byte stays. */
export function createStreamTranslator(from: Dialect, to: Surface, context: AnswerContext): StreamTranslator {
	if (from !== to) return createTranslator(from, to, context);
	const writer = to === "openai" ? createOpenAiWriter(context) : createAnthropicWriter(context);
	return createPassThrough(from, writer, context.id);
}

/** A failure in the surface's own shape; the status is not part of the body. */
export function toErrorBody(surface: Surface, error: DialectError): JsonObject {
	return toBody(surface, error);
}

/** What a whole answer says about itself. Never throws. */
export function readAnswer(dialect: Dialect, answer: JsonObject): Reading {
	return toReading(dialect, answer);
}

/** Reads a stream as it passes by; for the way of one dialect to itself. */
export function createStreamReader(dialect: Dialect): StreamReader {
	return createStreamWatch(dialect);
}

/** All text of a request, piece by piece, for counting its tokens: messages, system prompts, tools, arguments. */
export function countRequestText(surface: Surface, body: JsonObject): readonly string[] {
	return findRequestText(surface, body).texts;
}

/** Images and documents of a request: they cost tokens without being text. */
export function countRequestMedia(
	surface: Surface,
	body: JsonObject,
): { readonly imageCount: number; readonly documentCount: number } {
	const { imageCount, documentCount } = findRequestText(surface, body);
	return { imageCount, documentCount };
}
