import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { toAppError } from "../../../core/errors.ts";
import type { EventStream } from "../chat/event-stream.ts";
import { openEventStream } from "../chat/event-stream.ts";
import type { ErrorContext } from "../http-problem.ts";
import { toHttpErrorBody } from "../http-problem.ts";

export type LooksOptions = {
	/** Sends what is new since the last look. @throws AppError when there is nothing more to look at */
	readonly look: (stream: EventStream) => Promise<void>;
	readonly everyMs: number;
	/** Aborts when the caller may not, or need not, be told any more. */
	readonly ended: AbortSignal;
	/** However long he stays. */
	readonly lastsMs: number;
	readonly keepAliveMs: number;
	readonly drainTimeoutMs: number;
	readonly errorContext: ErrorContext;
};

/**
 * One look after the other as server-sent events, until the caller leaves; then an `end` event, or one `error`. A caller who
 * does not read is looked for no further until he does. Never throws: the head is out.
 */
export async function streamLooks(response: ServerResponse, options: LooksOptions): Promise<void> {
	const { look, everyMs, ended, lastsMs, errorContext } = options;
	const stream = openEventStream(response, { ...options, onDrain: () => undefined });
	const left = new AbortController();
	response.once("close", () => left.abort());
	const signal = AbortSignal.any([left.signal, ended, AbortSignal.timeout(lastsMs)]);
	try {
		while (!signal.aborted && !response.destroyed) {
			if (stream.isWritable()) await look(stream);
			await sleep(everyMs, undefined, { signal }).catch(() => undefined);
		}
		stream.send("end", {});
	} catch (error) {
		stream.send("error", toHttpErrorBody(toAppError(error), errorContext));
	} finally {
		stream.end();
	}
}
