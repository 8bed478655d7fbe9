import { isNativeError } from "node:util/types";
import { toTransportFailure } from "../../egress/http-failure.ts";
import { AppError } from "../../errors.ts";
import type { Place } from "../../models/exchange.ts";
import type { AnswerSource } from "./answer-source.ts";

/** What can be cut. */
export type OnQueue = (queue: Pick<AnswerSource, "abort">) => void;

/**
 * Runs one exchange that ends at the latest with the place's time and with its signal.
 *
 * @returns why it broke; undefined when it came to its end or was aborted
 */
export async function underDeadline(
	{ signal, endpoint }: Place,
	work: (onQueue: OnQueue) => Promise<void>,
): Promise<AppError | undefined> {
	const { totalMs } = endpoint.timeouts;
	let cut: ((reason: Error) => void) | undefined;
	const onAbort = (): void => cut?.(toError(signal.reason));
	const timer = setTimeout(
		() => cut?.(new AppError("ROUTER_TIMEOUT", `no end after ${totalMs} ms`)),
		totalMs,
	);
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		signal.throwIfAborted();
		await work((queue) => {
			cut = (reason) => queue.abort(reason);
		});
		return undefined;
	} catch (error) {
		cut?.(toError(error));
		if (signal.aborted) return undefined;
		return error instanceof AppError ? error : toTransportFailure(toError(error));
	} finally {
		clearTimeout(timer);
		signal.removeEventListener("abort", onAbort);
	}
}

function toError(reason: unknown): Error {
	// Not instanceof: an error may come from another realm.
	return isNativeError(reason) ? reason : new Error(String(reason));
}
