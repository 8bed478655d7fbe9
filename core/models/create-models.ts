import { AppError } from "../errors.ts";
import type { Provider } from "../providers/provider.ts";
import type { RouteChoice } from "./choose-route.ts";
import { rankRoutes } from "./choose-route.ts";
import { countMessageTokens } from "./count-tokens.ts";
import { createHeartbeats } from "./heartbeats.ts";
import type { Gate } from "./limiter/limits.ts";
import type {
	BusyStrategy,
	ModelCallObserver,
	ModelCallRequest,
	ModelCallResult,
	Models,
} from "./model-call.ts";
import type { ModelsDeps } from "./models-deps.ts";
import type { HealthOptions } from "./provider-health.ts";
import { createProviderHealth } from "./provider-health.ts";
import { createRefundGuard } from "./refund-guard.ts";
import type { Health, Route, RouteTable } from "./route-table.ts";
import { toProviderGate } from "./to-gates.ts";
import type { TryOutcome } from "./try-route.ts";
import { tryRoute } from "./try-route.ts";

export type CreateModelsOptions = Omit<ModelsDeps, "providers" | "health" | "refundGuard" | "heartbeats"> & {
	/** One adapter a dialect. */
	readonly providers: readonly Provider[];
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
	return {
		call: async (request, signal, observer) => await call(deps, request, signal, observer),
		close: () => deps.heartbeats.close(),
	};
}

async function call(
	deps: ModelsDeps,
	request: ModelCallRequest,
	signal: AbortSignal,
	observer: ModelCallObserver | undefined,
): Promise<ModelCallResult> {
	signal.throwIfAborted();
	const inputTokens = await countMessageTokens(request.messages);
	deps.refundGuard.noteCall(request.accountId);
	const routes = await findRoutes(deps, request, inputTokens);
	const { busyStrategy } = request.plan;
	const patience = PATIENCE[busyStrategy];
	const left = routes.slice(0, patience.triesMax);
	let failure: AppError | undefined;
	let isRepeated = false;
	for (let number = 0; ; number += 1) {
		const route = left.shift();
		if (route === undefined) break;
		signal.throwIfAborted();
		const waitMsMax = left.length === 0 ? patience.lastWaitMs : patience.waitMs;
		const one = { request, route, number, inputTokens, waitMsMax, signal, observer };
		const outcome = await tryRoute(deps, one);
		if (outcome.kind === "done") return outcome.result;
		if (outcome.kind === "aborted") throw signal.reason;
		failure = outcome.error;
		if (!goesOn(busyStrategy, outcome)) break;
		// With nowhere else to go, a connection that broke before the answer deserves a second one.
		if (left.length === 0 && !isRepeated && failure.details["cause"] === "reset") {
			isRepeated = true;
			left.push(route);
		}
	}
	throw failure ?? new AppError("ROUTER_NO_PROVIDER", "no route was tried");
}

/** @throws AppError when there is none. */
async function findRoutes(
	deps: ModelsDeps,
	request: ModelCallRequest,
	inputTokens: number,
): Promise<readonly Route[]> {
	const table = await deps.routes.current();
	const gates = findGates(table);
	const health: Health = (providerId) => {
		const state = deps.health.stateOf(providerId);
		const gate = gates.get(providerId);
		return state.kind === "up" && gate !== undefined && deps.limiter.isBusy(gate) ? { kind: "busy" } : state;
	};
	const choice = rankRoutes(
		{
			userId: request.accountId,
			message: request.messages.at(-1)?.content ?? "",
			policy: request.policy,
			busyStrategy: request.plan.busyStrategy,
			routeOrder: request.routeOrder,
			inputTokens,
		},
		table,
		health,
	);
	return requireRoutes(choice);
}

/** Worked out once for each table that was read. */
const gatesOf = new WeakMap<RouteTable, ReadonlyMap<string, Gate>>();

function findGates(table: RouteTable): ReadonlyMap<string, Gate> {
	const gates =
		gatesOf.get(table) ??
		new Map(table.routes.map(({ provider }) => [provider.providerId, toProviderGate(provider)]));
	gatesOf.set(table, gates);
	return gates;
}

function requireRoutes(choice: RouteChoice): readonly Route[] {
	if (choice.kind === "routes") return choice.routes;
	const { code, message, reason, retryAfterMs } = choice.failure;
	if (code === "REQUEST_INVALID")
		throw new AppError(code, message, { details: { reason: "provider-refused" } });
	throw new AppError(code, message, {
		details: { ...(retryAfterMs !== undefined && { retryAfterMs }), ...(reason !== undefined && { reason }) },
	});
}

/**
 * Plans with fallback go on after any failure. The others do not leave a provider that is merely slow or busy: they go on,
 * once, when it is broken. One that went away before it was asked is passed over by everybody.
 */
function goesOn(strategy: BusyStrategy, outcome: Extract<TryOutcome, { error: AppError }>): boolean {
	if (strategy === "fallback" || strategy === "custom_order" || outcome.kind === "skipped") return true;
	return outcome.error.code === "ROUTER_NO_PROVIDER";
}
