import type { Router, RouterContext } from "@koa/router";
import type { Core } from "../../../core/core.ts";
import { parseJsonBody, requireJsonType } from "../body/parse-json-body.ts";
import { readBody } from "../body/read-body.ts";
import { toChatEvent } from "../chat-event.ts";
import type { HttpLog } from "../http-log.ts";
import { httpProblem } from "../http-problem.ts";
import { toErrorContext } from "../middleware/on-error.ts";
import type { RequestState } from "../middleware/request-id.ts";
import type { Audience } from "./audience.ts";
import { createAudience } from "./audience.ts";
import { authenticate } from "./authenticate.ts";
import { callCore } from "./call-core.ts";
import type { ChatLimits } from "./chat-limits.ts";
import type { ChatRequest } from "./chat-request.ts";
import { parseChatRequest } from "./chat-request.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { createKeyRate } from "./key-rate.ts";
import { streamAnswer, toEndError } from "./stream-answer.ts";
import { findTurnError, toChatAnswer } from "./to-chat-answer.ts";
import { waitForAnswer } from "./wait-for-answer.ts";
import type { KeyWatch } from "./watch-key.ts";
import { watchKey } from "./watch-key.ts";

export type ChatRouteOptions = {
	readonly core: Core;
	readonly log: HttpLog;
	readonly supportUrl: string | undefined;
	readonly stopSignal: AbortSignal;
	readonly limits: ChatLimits;
	/** Monotonic milliseconds, for the rate limit. */
	readonly nowMs: () => number;
};

type ChatContext = RouterContext<RequestState>;

/** POST /v1/chat: key, rate, body, commit, then the answer as JSON or as a stream. */
export function addChatRoute(router: Router<RequestState>, options: ChatRouteOptions): void {
	const { core, log, limits, nowMs } = options;
	const takeRate = createKeyRate(limits.requestsPerMinute, nowMs);
	const audience = createAudience(core, log);

	router.post("/v1/chat", async (ctx) => {
		const { accountId, keyId, key: apiKey } = await authenticate(core, ctx.req, limits.storeTimeoutMs);
		takeRate(keyId);
		const key = readIdempotencyKey(ctx.req);
		const request = await readChatRequest(ctx, accountId, options);
		const inboxId = await acceptRequest(request, key, options);
		// Whoever has no key of his own can still come back for the answer with ours.
		ctx.set("Idempotency-Key", key.value);
		const isStream = request.stream || /\btext\/event-stream\b/i.test(ctx.get("Accept"));
		const caller = watchCaller(ctx, audience, inboxId, options, {
			stopsByLeaving: isStream || !key.isChosen,
			keyWatch: watchKey(core, apiKey, limits.keyCheckMs),
		});
		if (isStream) await answerAsStream(ctx, request, inboxId, caller, options);
		else await answerAsJson(ctx, request, inboxId, caller, options);
	});
}

async function readChatRequest(
	ctx: ChatContext,
	accountId: string,
	{ limits, log }: ChatRouteOptions,
): Promise<ChatRequest> {
	requireJsonType(ctx.req);
	const bytes = await readBody(ctx.req, { bytesMax: limits.bodyBytesMax, timeoutMs: limits.bodyTimeoutMs });
	const { value, duplicateKeys } = parseJsonBody(bytes);
	if (duplicateKeys.length > 0) {
		log.warn(
			{ requestId: ctx.state.requestId, accountId },
			"a chat request names a field twice; the last one counts",
		);
	}
	return parseChatRequest(value, accountId);
}

/** @throws AppError 409 when the key belongs to another request, 429 when the conversation's queue is full. */
async function acceptRequest(
	request: ChatRequest,
	key: IdempotencyKey,
	{ core, limits }: ChatRouteOptions,
): Promise<string> {
	const event = toChatEvent(request.body, key.value, limits.queueMax);
	const accepted = await callCore(() => core.accept(event), limits.storeTimeoutMs);
	if (accepted.kind === "conflict") throw httpProblem("idempotency-conflict");
	if (accepted.kind === "refused") throw httpProblem("lane-full");
	return accepted.inboxId;
}

/** Somebody who waits for his answer. */
type WaitingCaller = {
	/** Aborted when he closes the connection before the answer is out. */
	readonly left: AbortSignal;
	/** Aborted when his key stopped working. */
	readonly revoked: AbortSignal;
};

function watchCaller(
	ctx: ChatContext,
	audience: Audience,
	inboxId: string,
	{ stopSignal }: ChatRouteOptions,
	{ stopsByLeaving, keyWatch }: { readonly stopsByLeaving: boolean; readonly keyWatch: KeyWatch },
): WaitingCaller {
	const left = new AbortController();
	const leave = audience.join(inboxId);
	const { revoked, end } = keyWatch;
	const onClose = (): void => {
		end();
		const isAnswered = ctx.res.writableEnded;
		if (!isAnswered) left.abort();
		// A connection we cut because this node stops is no wish of the caller: another node finishes the answer.
		leave(revoked.aborted || (stopsByLeaving && !isAnswered && !stopSignal.aborted));
	};
	if (ctx.res.closed || ctx.req.socket.destroyed) onClose();
	else ctx.res.once("close", onClose);
	return { left: left.signal, revoked };
}

async function answerAsStream(
	ctx: ChatContext,
	request: ChatRequest,
	inboxId: string,
	caller: WaitingCaller,
	{ core, limits, stopSignal, supportUrl, log }: ChatRouteOptions,
): Promise<void> {
	ctx.respond = false;
	const { requestId } = ctx.state;
	const outcome = await streamAnswer(ctx.res, {
		core,
		inboxId,
		conversation: request.body.conversation,
		limits,
		...caller,
		stopping: stopSignal,
		errorContext: toErrorContext(ctx, requestId, supportUrl),
	});
	log.debug({ requestId, inboxId, outcome }, "a chat stream ended");
}

async function answerAsJson(
	ctx: ChatContext,
	request: ChatRequest,
	inboxId: string,
	caller: WaitingCaller,
	{ core, limits, stopSignal }: ChatRouteOptions,
): Promise<void> {
	const { waitMs } = limits;
	const waited = await waitForAnswer(core, inboxId, { waitMs, ...caller, stopping: stopSignal });
	if (waited.kind === "left") {
		ctx.respond = false;
		return;
	}
	if (waited.kind !== "result") throw toEndError(waited.kind);
	const error = findTurnError(waited.result);
	if (error !== undefined) throw error;
	ctx.body = toChatAnswer(inboxId, request.body.conversation, waited.result);
}
