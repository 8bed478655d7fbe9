import { AppError } from "../errors.ts";
import type { Provider } from "../providers/provider.ts";
import { countMessageTokens, maxMessageTokens } from "./count-tokens.ts";
import type { Exchange } from "./exchange.ts";
import { findRoutes } from "./find-routes.ts";
import { createHeartbeats } from "./heartbeats.ts";
import type {
	BusyStrategy,
	CallResult,
	ModelCallObserver,
	ModelCallRequest,
	ModelCallResult,
	Models,
	RelayRequest,
} from "./model-call.ts";
import type { ModelsDeps } from "./models-deps.ts";
import { createPlaces } from "./places.ts";
import type { HealthOptions } from "./provider-health.ts";
import { createProviderHealth } from "./provider-health.ts";
import { createRefundGuard } from "./refund-guard.ts";
import type { Route } from "./route-table.ts";
import { runStream } from "./run-stream.ts";
import type { TryOutcome } from "./try-route.ts";
import { tryRoute } from "./try-route.ts";

export type CreateModelsOptions = Omit<ModelsDeps, "providers" | "health" | "refundGuard" | "heartbeats"> & {
	/** One adapter a dialect. */
	readonly providers: readonly Provider[];
	/** The same ledger for calls that somebody waits for at the other end of a connection; without, the one of all. */
	readonly relayLedger?: ModelsDeps["ledger"];
	readonly health?: HealthOptions;
};

/** How a plan behaves when a try does not succeed. */
type Patience = {
	/** Tries in all. */
	readonly triesMax: number;
	/** Standing in line at a provider while another one is left, and at the last one. */
	readonly waitMs: number;
	readonly lastWaitMs: number;
};

const SIZES = 3;
/** Those without fallback wait longer instead. */
const PATIENCE: Readonly<Record<BusyStrategy, Patience>> = {
	lowest_priority: { triesMax: 2, waitMs: 60_000, lastWaitMs: 60_000 },
	low_priority: { triesMax: 2, waitMs: 60_000, lastWaitMs: 60_000 },
	fallback: { triesMax: 3, waitMs: 1_000, lastWaitMs: 30_000 },
	custom_order: { triesMax: 5, waitMs: 1_000, lastWaitMs: 30_000 },
};

/** The one path to a model: reserve -> route -> limit -> call -> settle. `close` ends its timers. */
export function createModels(options: CreateModelsOptions): Models & { close(): void } {
	const deps: ModelsDeps = {
		...options,
		providers: new Map(options.providers.map((provider) => [provider.dialect, provider])),
		health: createProviderHealth(options.health),
		refundGuard: createRefundGuard(),
		heartbeats: createHeartbeats(options.ledger, options.onTrouble),
	};
	const relayDeps: ModelsDeps = { ...deps, ledger: options.relayLedger ?? options.ledger, takesLeases: true };
	return {
		call: async (request, signal, observer) => await callWithWords(deps, request, signal, observer),
		relay: (request, signal, exchange) => callRoutes(relayDeps, request, signal, exchange),
		close: () => deps.heartbeats.close(),
	};
}

/** The chat's call: counted exactly, read as text. */
async function callWithWords(
	deps: ModelsDeps,
	{ messages, ...terms }: ModelCallRequest,
	signal: AbortSignal,
	observer: ModelCallObserver | undefined,
): Promise<ModelCallResult> {
	signal.throwIfAborted();
	const inputTokens = await countMessageTokens(messages);
	let text = "";
	const request = { ...terms, inputTokens, inputTokensMax: maxMessageTokens(messages) };
	const result = await callRoutes(deps, request, signal, async (place) => {
		const { provider, endpoint, route, outputTokensMax: maxOutputTokens, onFirst } = place;
		const userTag = `account-${terms.accountId}`;
		const asked = { model: route.model, messages, maxOutputTokens, userTag };
		const streamed = await runStream(provider, endpoint, asked, signal, (piece, isFirst) => {
			if (isFirst) onFirst();
			observer?.onText(piece);
		});
		text = streamed.text;
		return streamed;
	});
	return { ...result, text };
}

/** From place to place until one of them answers, or until the call's time is over. */
async function callRoutes(
	deps: ModelsDeps,
	request: RelayRequest,
	signal: AbortSignal,
	exchange: Exchange,
): Promise<CallResult> {
	signal.throwIfAborted();
	deps.refundGuard.noteCall(request.accountId);
	const routes = await findRoutes(deps, request);
	const { busyStrategy } = request.plan;
	const patience = PATIENCE[busyStrategy];
	const endsAtMs = performance.now() + (request.callMsMax ?? Number.POSITIVE_INFINITY);
	const places = createPlaces(routes, Math.max(patience.triesMax, toChainLength(request)));
	let failure: AppError | undefined;
	let number = 0;
	for (let route = places.next(); route !== undefined; route = places.next(), number += 1) {
		signal.throwIfAborted();
		const leftMs = endsAtMs - performance.now();
		if (leftMs <= 0) break;
		const waitMsMax = Math.min(places.isLast() ? patience.lastWaitMs : patience.waitMs, leftMs);
		const one = { request, route, number, waitMsMax, endsAtMs, signal, exchange };
		const outcome = await tryRoute(deps, one);
		if (outcome.kind === "done") return outcome.result;
		if (outcome.kind === "aborted") throw signal.reason;
		failure = toTold(outcome.error, route, number);
		if (!goesOn(request, outcome)) break;
		places.noteFailure(route, outcome.error);
	}
	throw failure ?? new AppError("ROUTER_NO_PROVIDER", "no route was tried");
}

/** With where it was tried last, at which try (counted from 1): told to programs as with an answer. */
function toTold(error: AppError, { provider }: Route, number: number): AppError {
	const { providerId, region } = provider;
	const { code, message, status, cause } = error;
	const details = { ...error.details, provider: providerId, region, attempts: number + 1 };
	return new AppError(code, message, { status, details, ...(cause !== undefined && { cause }) });
}

/** A size falls to the next smaller one whatever the plan says (source: contract, Cloud.ru presets). */
function toChainLength({ target }: RelayRequest): number {
	return target?.kind === "size" ? SIZES : 0;
}

/**
 * Plans with fallback go on after any failure, and so does whoever asked for a size. The others do not leave a provider that is merely slow or busy: they go on,
 * once, when it is broken. One that went away before it was asked is passed over by everybody.
 */
function goesOn({ plan, target }: RelayRequest, outcome: Extract<TryOutcome, { error: AppError }>): boolean {
	const { busyStrategy } = plan;
	if (busyStrategy === "fallback" || busyStrategy === "custom_order" || outcome.kind === "skipped")
		return true;
	if (target?.kind === "size" && outcome.error.retryable) return true;
	return outcome.error.code === "ROUTER_NO_PROVIDER";
}
