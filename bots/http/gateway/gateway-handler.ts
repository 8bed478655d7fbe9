import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, toAppError } from "../../../core/errors.ts";
import type { Gateway, GatewayRequest } from "../../../core/gateway/gateway.ts";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";
import type { BodyMemory } from "../body/body-memory.ts";
import { createBodyMemory } from "../body/body-memory.ts";
import { requireJsonType } from "../body/parse-json-body.ts";
import { readBody } from "../body/read-body.ts";
import type { HttpLog } from "../http-log.ts";
import { httpProblem } from "../http-problem.ts";
import { findCaller } from "./find-caller.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { GatewayRoute } from "./gateway-routes.ts";
import { findGatewayRoute } from "./gateway-routes.ts";
import { answerFailure, answerJson } from "./plain-answer.ts";
import { createResponseSink } from "./response-sink.ts";
import { showModels } from "./show-models.ts";
import { findSource } from "./source-header.ts";
import { toVendorHeaders } from "./vendor-headers.ts";
import type { CallerWatch } from "./watch-caller.ts";
import { createCallerWatch } from "./watch-caller.ts";

export type GatewayHandlerOptions = {
	readonly gateway: Gateway;
	readonly log: HttpLog;
	readonly limits: GatewayLimits;
	/** Aborted when requests in flight must come to an end. */
	readonly stopSignal: AbortSignal;
};

const NOT_NOW = "the call could not be made now";

/** One request of the gateway, from its head to its end. */
type Exchange = {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly route: GatewayRoute;
	readonly requestId: string;
	/** Of every answer. Given with the head: what is set before costs a second table of headers. */
	readonly headers: Readonly<Record<string, string>>;
};

type HandlerDeps = GatewayHandlerOptions & {
	readonly memory: BodyMemory;
	readonly watchCaller: (response: ServerResponse, grant: KeyGrant) => CallerWatch;
};

/**
 * The model gateway, before Koa: the daily bread of every instance passes here, and its bytes are neither parsed nor copied
 * more than they must be. False for a path that is not its own.
 */
export function createGatewayHandler(
	options: GatewayHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
	const { limits } = options;
	const memory = createBodyMemory();
	const deps: HandlerDeps = {
		...options,
		memory,
		watchCaller: createCallerWatch({ ...options, left: LEFT }),
	};
	let inFlight = 0;
	return (request, response) => {
		const isAnthropic = request.headers["anthropic-version"] !== undefined;
		const route = findGatewayRoute(request.method, request.url ?? "", isAnthropic);
		if (route === undefined) return false;
		const requestId = randomUUID();
		const headers = toOwnHeaders(route, requestId);
		const exchange: Exchange = { request, response, route, requestId, headers };
		inFlight += 1;
		const work = inFlight > limits.inFlightMax ? Promise.reject(toBusy()) : take(deps, exchange);
		const leave = (): void => {
			inFlight -= 1;
		};
		void work.then(
			leave,
			async (thrown: unknown) => await tellFailure(deps, exchange, thrown).finally(leave),
		);
		return true;
	};
}

async function tellFailure(
	{ gateway, log }: HandlerDeps,
	exchange: Exchange,
	thrown: unknown,
): Promise<void> {
	// The caller left: there is nobody to tell.
	if (thrown === LEFT) return;
	const { request, response, route, requestId, headers } = exchange;
	const error = toAppError(thrown);
	logFailure(log, { requestId, action: route.action, surface: route.surface, code: error.code }, error);
	const failure = gateway.describeFailure(route.surface, error, requestId);
	await answerFailure(request, response, failure, headers);
}

/** Refusals are the callers' own doing; what we did not expect is ours. */
function logFailure(log: HttpLog, facts: object, error: AppError): void {
	if (error.code === "INTERNAL") log.error({ ...facts, err: error.cause ?? error }, "a call failed");
	else if (error.message === NOT_NOW) log.warn({ ...facts, err: error.cause }, NOT_NOW);
	else log.debug({ ...facts, why: error.message }, "a call was refused");
}

/** Why a call is aborted whose caller has gone. */
const LEFT = "left";

function toOwnHeaders({ surface, allow }: GatewayRoute, requestId: string): Exchange["headers"] {
	const own = { "x-request-id": requestId, ...(allow !== undefined && { allow }) };
	return surface === "anthropic" ? { ...own, "request-id": requestId } : own;
}

async function take(deps: HandlerDeps, exchange: Exchange): Promise<void> {
	const { gateway } = deps;
	const { request, response, route, headers } = exchange;
	if (route.action === "unknown")
		throw httpProblem(route.allow === undefined ? "not-found" : "method-not-allowed");
	let grant: KeyGrant;
	try {
		grant = await findCaller(gateway, request);
	} catch (error) {
		throw toTold(error);
	}
	if (route.action === "list" || route.action === "show") {
		answerJson(response, showModels(route, await gateway.listModels(grant)), headers);
		return;
	}
	const leave = await gateway.enter(grant);
	try {
		await takeBody(deps, exchange, grant);
	} finally {
		leave();
	}
}

async function takeBody(deps: HandlerDeps, exchange: Exchange, grant: KeyGrant): Promise<void> {
	const { limits } = deps;
	const { request } = exchange;
	requireJsonType(request);
	const bounds = { bytesMax: limits.bodyBytesMax, timeoutMs: limits.bodyTimeoutMs };
	const bytes = await readBody(request, bounds, deps.memory.take);
	try {
		await answerBody(deps, exchange, grant, bytes);
	} finally {
		// Whatever was sent on is a copy.
		deps.memory.giveBack(bytes);
	}
}

async function answerBody(
	deps: HandlerDeps,
	exchange: Exchange,
	grant: KeyGrant,
	bytes: Buffer,
): Promise<void> {
	const { gateway, limits } = deps;
	const { request, response, route, requestId, headers } = exchange;
	if (route.action === "count") {
		answerJson(response, { input_tokens: await gateway.countTokens("anthropic", bytes) }, headers);
		return;
	}
	const idempotencyKey = request.headers["idempotency-key"];
	const asked: GatewayRequest = {
		surface: route.surface,
		grant,
		bytes,
		requestId,
		vendorHeaders: toVendorHeaders(request.headers),
		source: findSource(request, grant),
		idempotencyKey: typeof idempotencyKey === "string" ? idempotencyKey : undefined,
	};
	const sink = createResponseSink(response, limits.drainTimeoutMs, headers);
	const watch = deps.watchCaller(response, grant);
	try {
		await gateway.complete(asked, sink, watch.signal);
		sink.finish();
	} catch (error) {
		// What began cannot be taken back; the stream itself has told how it ended.
		if (!sink.isOpen()) throw toTold(error);
		sink.finish();
	} finally {
		watch.end();
	}
}

/** A database that is away is "come back soon", not a bug of ours. */
function toTold(error: unknown): unknown {
	if (error === LEFT || (error instanceof AppError && error.code !== "INTERNAL")) return error;
	return new AppError("ROUTER_NO_PROVIDER", NOT_NOW, { cause: error });
}

function toBusy(): AppError {
	return new AppError("RATE_LIMITED", "too many calls under way", {
		status: 503,
		details: { retryAfterMs: 1_000 },
	});
}
