import { z } from "zod";
import { readAnswer, translateAnswer } from "../../dialects/dialect.ts";
import type { Dialect, JsonObject, Reading } from "../../dialects/types.ts";
import type { Egress } from "../../egress/create-egress.ts";
import { toProviderFailure } from "../../egress/http-failure.ts";
import { countTokens } from "../../models/count-tokens.ts";
import type { Delivered, Place } from "../../models/exchange.ts";
import { NOTHING } from "../../models/exchange.ts";
import type { GatewayCall } from "../call.ts";
import type { GatewayHead } from "../gateway.ts";
import type { AnswerSource } from "./answer-source.ts";
import { ANSWER_BYTES_MAX, toTooLong } from "./answer-source.ts";
import { openAnswer } from "./open-answer.ts";
import { toFinishReason, toLeastTokens, toPlaceHead, toProviderUsage } from "./reading.ts";
import { underDeadline } from "./under-deadline.ts";

/** An answer that is written once it is charged. */
export type WholeAnswer = { readonly head: GatewayHead; readonly body: Buffer | string };

const tokensSchema = z.number().int().min(0).max(2_147_483_647);
const embeddingUsageSchema = z.looseObject({ usage: z.looseObject({ prompt_tokens: tokensSchema }) });

/** Carries one answer that comes as a whole. Never throws. */
export async function exchangeWhole(
	egress: Egress,
	call: GatewayCall,
	place: Place,
	onAnswer: (answer: WholeAnswer) => void,
): Promise<Delivered> {
	const startMs = performance.now();
	let delivered: Delivered | undefined;
	const failure = await underDeadline(place, async (onQueue) => {
		const source = await openAnswer(egress, call, place, onQueue);
		const bytes = await readAll(source);
		place.onFirst();
		delivered = conclude(call, place, source.dialect, bytes, performance.now() - startMs, onAnswer);
	});
	if (delivered !== undefined) return delivered;
	const isAborted = place.signal.aborted;
	return { ...NOTHING, failure, isAborted, latencyMs: performance.now() - startMs };
}

function conclude(
	call: GatewayCall,
	place: Place,
	dialect: Dialect,
	bytes: Buffer,
	latencyMs: number,
	onAnswer: (answer: WholeAnswer) => void,
): Delivered {
	const answer = parseAnswer(bytes);
	const reading = call.kind === "embeddings" ? readEmbeddings(answer) : readAnswer(dialect, answer);
	if (reading.errorInBody !== undefined) {
		throw toProviderFailure("protocol", `provider reported: ${reading.errorInBody}`);
	}
	const isSame = call.kind === dialect || call.kind === "embeddings";
	onAnswer({
		head: {
			status: 200,
			contentType: "application/json; charset=utf-8",
			place: toPlaceHead(place),
		},
		body: isSame ? bytes : JSON.stringify(toSurface(call, dialect, answer)),
	});
	return {
		hasContent: true,
		countOutput: async () => await countTokens(reading.text),
		leastOutput: () => toLeastTokens(reading.text.length),
		finishReason: toFinishReason(reading.finish),
		usage: toProviderUsage(reading.usage),
		failure: undefined,
		isAborted: false,
		firstTokenMs: latencyMs,
		latencyMs,
	};
}

function toSurface(call: GatewayCall, dialect: Dialect, answer: JsonObject): JsonObject {
	if (call.kind === "embeddings") return answer;
	return translateAnswer(dialect, call.kind, answer, call.context());
}

async function readAll(source: AnswerSource): Promise<Buffer> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for (;;) {
		const chunks = await source.read();
		if (chunks === undefined) break;
		for (const chunk of chunks) bytes += chunk.length;
		if (bytes > ANSWER_BYTES_MAX) throw toTooLong();
		parts.push(...chunks);
	}
	const [only] = parts;
	return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, bytes);
}

function parseAnswer(bytes: Buffer): JsonObject {
	let answer: unknown;
	try {
		answer = JSON.parse(bytes.toString("utf8"));
	} catch (error) {
		throw toNoObject(bytes, error);
	}
	if (!isObject(answer)) throw toNoObject(bytes, undefined);
	return answer;
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toNoObject(bytes: Buffer, error: unknown): Error {
	return toProviderFailure("protocol", `not a JSON object: ${bytes.subarray(0, 100).toString()}`, { error });
}

/** What goes in is all there is. */
function readEmbeddings(answer: JsonObject): Reading {
	const parsed = embeddingUsageSchema.safeParse(answer);
	const inputTokens = parsed.success ? parsed.data.usage.prompt_tokens : undefined;
	const none = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
	return {
		usage: inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0, ...none },
		finish: "stop",
		text: "",
		errorInBody: Array.isArray(answer["data"]) ? undefined : "an answer without data",
	};
}
