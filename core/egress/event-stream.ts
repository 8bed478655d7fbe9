import { isNativeError } from "node:util/types";
import type { EventSourceMessage } from "eventsource-parser";
import { createParser } from "eventsource-parser";
import { AppError } from "../errors.ts";
import type { Egress } from "./create-egress.ts";
import { toProviderFailure, toTransportFailure } from "./http-failure.ts";
import { postJson, toAnswerFailure } from "./post-json.ts";
import type { ResponseHead } from "./response-queue.ts";
import { ResponseQueue } from "./response-queue.ts";

export type EventStreamRequest = {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	readonly allowPrivateNetwork: boolean;
	/** True: over a connection nobody used before. */
	readonly isFresh?: boolean;
	readonly timeouts: {
		readonly connectMs: number;
		readonly firstByteMs: number;
		readonly idleMs: number;
		readonly totalMs: number;
	};
	/** True for the event after which nothing is of interest: the stream is over then, whatever the far end does. */
	isLast(event: EventSourceMessage): boolean;
	/** Kept out of every message we make of what the far end says. */
	readonly secret: string;
};

/** One event, its line included; a longer one ends the call. UTF-16 units. */
const EVENT_LENGTH_MAX = 1024 * 1024;
/** All that one call may send us. */
const RESPONSE_BYTES_MAX = 20 * 1024 * 1024;
/** How long a finished stream may take to close before its socket is cut. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Posts `body` and yields the server-sent events of the answer, all that arrived together at once. Ends after the last
 * event or when the far end closes. Every wait and every size is bounded. Leaving the loop or aborting cancels upstream.
 *
 * @throws AppError as a Provider does; the reason of `signal` when it aborts.
 */
export async function* openEventStream(
	egress: Egress,
	request: EventStreamRequest,
	signal: AbortSignal,
): AsyncGenerator<readonly EventSourceMessage[], void, void> {
	signal.throwIfAborted();
	const queue = new ResponseQueue();
	const onAbort = (): void => queue.abort(toError(signal.reason));
	signal.addEventListener("abort", onAbort, { once: true });
	const total = setTimeout(
		() => queue.abort(new AppError("ROUTER_TIMEOUT", `no end after ${request.timeouts.totalMs} ms`)),
		request.timeouts.totalMs,
	);
	let over = false;
	try {
		postJson(egress, { ...request, accept: "text/event-stream" }, queue);
		const head = await queue.head();
		if (!isEventStream(head)) throw await toAnswerFailure(head, queue, request);
		for await (const events of readEvents(queue)) {
			over = events.some((event) => request.isLast(event));
			yield events;
			if (over) return;
		}
	} catch (error) {
		if (signal.aborted) throw signal.reason;
		throw error instanceof AppError ? error : toTransportFailure(toError(error));
	} finally {
		clearTimeout(total);
		signal.removeEventListener("abort", onAbort);
		if (over) queue.leave(CLOSE_GRACE_MS);
		else queue.abort(new Error("the reader left"));
	}
}

function isEventStream(head: ResponseHead): boolean {
	const { "content-type": type, "content-encoding": encoding = "identity" } = head.headers;
	return (
		head.status === 200 &&
		encoding === "identity" &&
		String(type).toLowerCase().startsWith("text/event-stream")
	);
}

async function* readEvents(queue: ResponseQueue): AsyncGenerator<readonly EventSourceMessage[], void, void> {
	const decoder = new TextDecoder();
	let events: EventSourceMessage[] = [];
	let tooLong = false;
	let bytes = 0;
	const parser = createParser({
		maxBufferSize: EVENT_LENGTH_MAX,
		onEvent: (event) => events.push(event),
		onError: (error) => {
			tooLong ||= error.type === "max-buffer-size-exceeded";
		},
	});
	/** Undefined while all is well. */
	function feed(chunk: Buffer): AppError | undefined {
		bytes += chunk.length;
		if (bytes > RESPONSE_BYTES_MAX) return toProviderFailure("protocol", "the answer is too long");
		parser.feed(decoder.decode(chunk, { stream: true }));
		return tooLong ? toProviderFailure("protocol", "one event is too long") : undefined;
	}
	while (true) {
		const chunks = await queue.read();
		if (chunks === undefined) return;
		let failure: AppError | undefined;
		for (const chunk of chunks) failure ??= feed(chunk);
		if (events.length > 0) {
			const batch = events;
			events = [];
			// What came before the failure was delivered, and is charged.
			yield batch;
		}
		if (failure !== undefined) throw failure;
	}
}

function toError(reason: unknown): Error {
	// Not instanceof: an error may come from another realm.
	return isNativeError(reason) ? reason : new Error(String(reason));
}
