import { createStreamReader, createStreamTranslator, toErrorBody } from "../../dialects/dialect.ts";
import { readProviderError, toCallerError, toCutError } from "../../dialects/provider-error.ts";
import type { Dialect, DialectError, StreamReader, StreamReading } from "../../dialects/types.ts";
import type { Egress } from "../../egress/create-egress.ts";
import { toProviderFailure } from "../../egress/http-failure.ts";
import type { AppError } from "../../errors.ts";
import { toAppError } from "../../errors.ts";
import type { Delivered, Place } from "../../models/exchange.ts";
import type { GatewayCall } from "../call.ts";
import type { GatewaySink } from "../gateway.ts";
import { toDialectError } from "../to-dialect-error.ts";
import type { AnswerSource } from "./answer-source.ts";
import { ANSWER_BYTES_MAX, toTooLong } from "./answer-source.ts";
import { createEventFilter } from "./event-filter.ts";
import { openAnswer } from "./open-answer.ts";
import { toFinishReason, toLeastTokens, toPlaceHead, toProviderUsage } from "./reading.ts";
import { underDeadline } from "./under-deadline.ts";

/** How a provider's bytes become the caller's. */
type Wording = {
	push(chunk: Buffer): Buffer | string;
	/** isWhole: the provider said that this is the end. */
	end(isWhole: boolean): Buffer | string;
	fail(error: DialectError): string;
};

/** What is held back until something is there that a person would call an answer: so long another place may be tried. */
const HELD_BYTES_MAX = 64 * 1024;
/** How long a finished stream may take to close before it is left. */
const CLOSE_GRACE_MS = 1_000;
/** Where the provider does not count: about what a token of an answer is. */
const BYTES_A_TOKEN = 3.5;

/** Carries one streamed answer to the caller as it comes. Never throws. */
export async function exchangeStream(
	egress: Egress,
	call: GatewayCall,
	place: Place,
	sink: GatewaySink,
): Promise<Delivered> {
	const startMs = performance.now();
	const run = new StreamRun(call, place, sink);
	const failure = await underDeadline(place, async (onQueue) => {
		await run.carry(await openAnswer(egress, call, place, onQueue));
	});
	await run.tellFailure(failure);
	return run.conclude(failure, startMs);
}

class StreamRun {
	readonly #call: GatewayCall;
	readonly #place: Place;
	readonly #sink: GatewaySink;
	#reader: StreamReader | undefined;
	#wording: Wording | undefined;
	#held: (Buffer | string)[] = [];
	#heldBytes = 0;
	#bytes = 0;
	#isOpen = false;
	#firstMs: number | undefined;

	constructor(call: GatewayCall, place: Place, sink: GatewaySink) {
		this.#call = call;
		this.#place = place;
		this.#sink = sink;
	}

	async carry(source: AnswerSource): Promise<void> {
		const reader = createStreamReader(source.dialect);
		const wording = toWording(this.#call, source.dialect);
		this.#reader = reader;
		this.#wording = wording;
		const ending = createEnding(source);
		try {
			for (let chunks = await source.read(); chunks !== undefined; chunks = await source.read()) {
				for (const chunk of chunks) {
					const isBehind = this.#take(chunk, reader, wording);
					// Most callers are not behind, and a turn of promises a piece is most of what a piece costs.
					if (isBehind !== undefined) await isBehind;
				}
				if (reader.isFinished()) ending.begin();
			}
		} catch (error) {
			// What was complete stays complete, however the connection ended.
			if (!reader.isFinished() || this.#place.signal.aborted) throw error;
		} finally {
			ending.clear();
		}
		reader.end();
		requireAnswer(reader);
		await this.#pass(wording.end(reader.isFinished()), reader, true);
	}

	/** A caller who has read a part is told that there is no more; one who has read nothing gets another place's answer. */
	async tellFailure(failure: AppError | undefined): Promise<void> {
		const { signal } = this.#place;
		const error = failure ?? (signal.aborted ? toAppError(signal.reason) : undefined);
		if (error === undefined || !this.#isOpen || this.#wording === undefined) return;
		const { requestId, supportUrl } = this.#call;
		await this.#write(this.#wording.fail(toDialectError(error, requestId, supportUrl)));
	}

	conclude(failure: AppError | undefined, startMs: number): Delivered {
		const reading = this.#reader?.reading();
		const { signal } = this.#place;
		const isFinished = this.#reader?.isFinished() === true && reading?.errorInBody === undefined;
		return {
			hasContent: this.#isOpen,
			countOutput: async () => estimateOutput(reading),
			leastOutput: () => toLeastTokens(reading?.textBytes ?? 0),
			finishReason: isFinished ? toFinishReason(reading?.finish) : this.#isOpen ? "cut" : undefined,
			usage: toProviderUsage(reading?.usage),
			failure,
			isAborted: signal.aborted && !isFinished,
			firstTokenMs: this.#firstMs === undefined ? undefined : this.#firstMs - startMs,
			latencyMs: performance.now() - startMs,
		};
	}

	#take(chunk: Buffer, reader: StreamReader, wording: Wording): Promise<void> | undefined {
		this.#bytes += chunk.length;
		if (this.#bytes > ANSWER_BYTES_MAX) throw toTooLong();
		reader.push(chunk);
		return this.#pass(wording.push(chunk), reader, false);
	}

	/** Holds back until there is an answer, then lets everything through; to be waited for where the caller is behind. */
	#pass(piece: Buffer | string, reader: StreamReader, isLast: boolean): Promise<void> | undefined {
		if (this.#isOpen) return this.#write(piece);
		this.#held.push(piece);
		this.#heldBytes += piece.length;
		if (!isLast && !reader.hasContent() && this.#heldBytes < HELD_BYTES_MAX) return undefined;
		this.#open();
		return this.#writeHeld();
	}

	async #writeHeld(): Promise<void> {
		for (const held of this.#held.splice(0)) await this.#write(held);
	}

	#open(): void {
		this.#isOpen = true;
		this.#firstMs = performance.now();
		this.#place.onFirst();
		this.#sink.open({
			status: 200,
			contentType: "text/event-stream; charset=utf-8",
			place: toPlaceHead(this.#place),
		});
	}

	#write(piece: Buffer | string): Promise<void> | undefined {
		return piece.length === 0 || this.#sink.write(piece) ? undefined : this.#sink.drained();
	}
}

/** A stream that said it was over and stays open is left. */
function createEnding(source: AnswerSource): { begin(): void; clear(): void } {
	let timer: NodeJS.Timeout | undefined;
	return {
		begin() {
			timer ??= setTimeout(() => source.abort(new Error("the stream stayed open")), CLOSE_GRACE_MS);
		},
		clear: () => clearTimeout(timer),
	};
}

/** @throws AppError while another place may still be asked */
function requireAnswer(reader: StreamReader): void {
	if (reader.hasContent()) return;
	const { errorInBody } = reader.reading();
	if (errorInBody !== undefined) throw toProviderFailure("protocol", `provider reported: ${errorInBody}`);
	if (reader.isFinished()) return;
	throw toProviderFailure("protocol", "the stream ended before the answer began");
}

function toWording(call: GatewayCall, dialect: Dialect): Wording {
	const { kind } = call;
	if (kind === "embeddings") throw new TypeError("embeddings are not streamed");
	if (kind !== dialect) return createStreamTranslator(dialect, kind, call.context());
	return toOwnWording(call, kind);
}

/** His bytes as they are, up to where the provider breaks off: that is told in our words. */
function toOwnWording({ fields, requestId }: GatewayCall, dialect: Dialect): Wording {
	const filter = createEventFilter({
		dropsUsage: !fields.wantsUsage,
		toErrorEvent: (raw) => toErrorEvent(dialect, toCallerError(readProviderError(raw), requestId)),
	});
	const fail = (error: DialectError): string => (filter.hasFailed() ? "" : toErrorEvent(dialect, error));
	return {
		push: filter.push,
		end(isWhole) {
			const rest = filter.end();
			return isWhole || filter.hasFailed() ? rest : fail(toCutError(requestId));
		},
		fail,
	};
}

function toErrorEvent(dialect: Dialect, error: DialectError): string {
	const data = JSON.stringify(toErrorBody(dialect, error));
	// An event too long to be held back may have been cut: the empty line ends it.
	return `\n\n${dialect === "anthropic" ? "event: error\n" : ""}data: ${data}\n\n`;
}

function estimateOutput(reading: StreamReading | undefined): number {
	return reading === undefined ? 0 : Math.ceil(reading.textBytes / BYTES_A_TOKEN);
}
