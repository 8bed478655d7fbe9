import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, toAppError } from "../../../core/errors.ts";
import type { EventStream } from "../chat/event-stream.ts";
import { openEventStream } from "../chat/event-stream.ts";
import type { ErrorContext } from "../http-problem.ts";
import { toHttpErrorBody } from "../http-problem.ts";

export type LooksOptions = {
	/** Sends what is new since the last look. @throws AppError when there is nothing more to look at */
	readonly look: (stream: EventStream) => Promise<void>;
	readonly everyMs: number;
	/** Aborts when his key stopped working. */
	readonly revoked: AbortSignal;
	/** Aborts when this node stops. */
	readonly stopping: AbortSignal;
	/** However long he stays. */
	readonly lastsMs: number;
	readonly keepAliveMs: number;
	readonly drainTimeoutMs: number;
	readonly errorContext: ErrorContext;
};

/**
 * One look after the other as server-sent events, until the caller leaves or his time is over; then an `end` event, or one `error`. A caller who
 * does not read is looked for no further until he does. Never throws: the head is out.
 */
export async function streamLooks(response: ServerResponse, options: LooksOptions): Promise<void> {
	const { look, everyMs, revoked, stopping, lastsMs, errorContext } = options;
	const stream = openEventStream(response, { ...options, onDrain: () => undefined });
	const left = new AbortController();
	response.once("close", () => left.abort());
	const signal = AbortSignal.any([left.signal, revoked, stopping, AbortSignal.timeout(lastsMs)]);
	try {
		while (!signal.aborted && !response.destroyed) {
			if (stream.isWritable()) await look(stream);
			await sleep(everyMs, undefined, { signal }).catch(() => undefined);
		}
		if (revoked.aborted) throw new AppError("AUTH_INVALID_CREDENTIALS", "the key was revoked meanwhile");
		stream.send("end", {});
	} catch (error) {
		stream.send("error", toHttpErrorBody(toAppError(error), errorContext));
	} finally {
		stream.end();
	}
}
