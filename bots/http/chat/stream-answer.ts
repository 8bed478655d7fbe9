import type { ServerResponse } from "node:http";
import type { Core } from "../../../core/core.ts";
import { AppError, toAppError } from "../../../core/errors.ts";
import type { ErrorContext } from "../http-problem.ts";
import { httpProblem, toHttpErrorBody } from "../http-problem.ts";
import type { ChatLimits } from "./chat-limits.ts";
import { createDeltaFeed } from "./delta-feed.ts";
import type { EventStream } from "./event-stream.ts";
import { openEventStream } from "./event-stream.ts";
import { findTurnError, toChatAnswer, toMessage } from "./to-chat-answer.ts";
import type { Waited } from "./wait-for-answer.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export type StreamAnswerOptions = {
	readonly core: Core;
	readonly inboxId: string;
	readonly conversation: string;
	readonly limits: ChatLimits;
	readonly left: AbortSignal;
	readonly revoked: AbortSignal;
	readonly stopping: AbortSignal;
	readonly errorContext: ErrorContext;
};

/**
 * The answer as server-sent events: `delta` while it grows, then one `done` with the whole answer, or one `error`.
 * Never throws: the head is out, so every failure becomes an `error` event.
 */
export async function streamAnswer(
	response: ServerResponse,
	options: StreamAnswerOptions,
): Promise<Waited["kind"] | "failed"> {
	const { core, inboxId, limits, left, revoked, stopping } = options;
	const stream: EventStream = openEventStream(response, { ...limits, onDrain: () => feed.flush() });
	const feed = createDeltaFeed(stream);
	const unwatch = core.watchText(inboxId, (text) => feed.offer(text));
	try {
		const waitMs = limits.streamWaitMs;
		const waited = await waitForAnswer(core, inboxId, { waitMs, left, revoked, stopping });
		if (waited.kind === "result") {
			const error = findTurnError(waited.result);
			if (error === undefined) {
				feed.finish(toMessage(waited.result));
				stream.send("done", toChatAnswer(inboxId, options.conversation, waited.result));
			} else sendError(stream, error, options);
		} else if (waited.kind !== "left") {
			sendError(stream, toEndError(waited.kind), options);
		}
		return waited.kind;
	} catch (error) {
		sendError(stream, toAppError(error), options);
		return "failed";
	} finally {
		unwatch();
		stream.end();
	}
}

/** Why a caller who still waits gets no answer. */
export function toEndError(kind: Exclude<Waited["kind"], "result" | "left">): AppError {
	if (kind === "revoked") return new AppError("AUTH_INVALID_CREDENTIALS", "the key was revoked meanwhile");
	if (kind === "late") return httpProblem("still-running", { retryAfterMs: 5_000 });
	return httpProblem("stopping", { retryAfterMs: 1_000 });
}

function sendError(
	stream: EventStream,
	error: AppError,
	{ inboxId, errorContext }: StreamAnswerOptions,
): void {
	stream.send("error", { id: inboxId, ...toHttpErrorBody(error, errorContext) });
}
