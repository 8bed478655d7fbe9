import type { ErrorCode } from "../errors.ts";
import type { BusyStrategy, Policy, RouteTarget } from "./model-call.ts";
import type { Health, Route, RouteTable } from "./route-table.ts";
import { toSizeChain } from "./size-chain.ts";

/** Source: RouteRequest of the contract, and what our plans and models add to the choice. */
export type RouteRequest = {
	readonly userId: string;
	/** Not looked at: what somebody says does not choose where it goes. */
	readonly message?: string;
	readonly policy: Policy;
	readonly busyStrategy?: BusyStrategy;
	/** The account's own order of provider ids, for custom_order. */
	readonly routeOrder?: readonly string[];
	/** What the caller asked for by name; without, the policy decides. */
	readonly target?: RouteTarget;
	/** Undefined: a chat model. */
	readonly kind?: "embedding";
	/** Providers of other dialects are left out. */
	readonly dialects?: readonly string[];
	/** Counted input; models whose context is too small for it are left out. */
	readonly inputTokens?: number;
};

/** Source: RouteResult of the contract, such as {"provider":"kimi","model":"moonshot-v1","headers":{}}. */
export type RouteResult = {
	readonly provider: string;
	readonly model: string;
	readonly headers: Readonly<Record<string, string>>;
};

/** Source: the failure of the contract. */
export type RouteFailure = {
	readonly code: Extract<ErrorCode, "ROUTER_NO_PROVIDER" | "ROUTER_RATE_LIMITED" | "REQUEST_INVALID">;
	readonly message: string;
	readonly retryable: boolean;
	readonly retryAfterMs?: number;
	/** tier-unserved: nobody to ask however long one waits. model-unknown: nobody has what was asked for by name. */
	readonly reason?: "tier-unserved" | "model-unknown";
};

export type RouteChoice =
	| { readonly kind: "routes"; readonly routes: readonly [Route, ...Route[]] }
	| { readonly kind: "failure"; readonly failure: RouteFailure };

/** Tokens an answer must have room for, in the model's context as in the account's quota. */
export const ANSWER_TOKENS_MIN = 256;

/**
 * Where a call may go, best first, one model a provider. Pure: the same table and health give the same list.
 *
 * BEST by quality, CHEAP by price, CN_OK by quality among region "cn" and nothing else whatever happens. Providers that
 * are down or cooling are left out. When busy, plans with fallback go on to the next provider; the others wait in line.
 */
export function rankRoutes(request: RouteRequest, table: RouteTable, health: Health): RouteChoice {
	const allowed = sortForPolicy(table, request.policy);
	if (allowed.length === 0) {
		return noProvider(`no provider is configured for ${request.policy}`, { reason: "tier-unserved" });
	}
	const wanted = keepWanted(allowed, request);
	if (wanted.length === 0) return unknownModel();
	const fitting = wanted.filter((route) => hasRoom(route, request.inputTokens ?? 0));
	if (fitting.length === 0) return tooLong(request.inputTokens ?? 0);
	const ordered = inOwnOrder(fitting, request);
	const single = request.target?.kind === "size" ? ordered : keepFirstOfProvider(ordered);
	const routable = single.filter((route) => isRoutable(route, health));
	const [first, ...rest] = skipsBusy(request) ? freeFirst(routable, health) : routable;
	if (first !== undefined) return { kind: "routes", routes: [first, ...rest] };
	return explain(single, request.policy, health);
}

function keepWanted(routes: readonly Route[], { target, dialects, kind }: RouteRequest): readonly Route[] {
	const spoken = keepSpoken(routes, kind, dialects);
	if (target === undefined) return spoken;
	if (target.kind === "size") return toSizeChain(spoken, target);
	return spoken.filter(
		({ provider, model }) =>
			model === target.model && (target.providerId ?? provider.providerId) === provider.providerId,
	);
}

/** Of a list that never changes; worked out once for what nearly every call wants. */
const chatting = new WeakMap<readonly Route[], readonly Route[]>();

function keepSpoken(
	routes: readonly Route[],
	kind: RouteRequest["kind"],
	dialects: RouteRequest["dialects"],
): readonly Route[] {
	const isChat = kind === undefined && dialects === undefined;
	const known = isChat ? chatting.get(routes) : undefined;
	if (known !== undefined) return known;
	const kept = routes.filter(
		(route) => route.kind === kind && (dialects?.includes(route.provider.dialect) ?? true),
	);
	if (isChat) chatting.set(routes, kept);
	return kept;
}

/** The contract's own function: the one route a call would take now, or why there is none. */
export function chooseRoute(
	request: RouteRequest,
	table: RouteTable,
	health: Health,
): RouteResult | RouteFailure {
	const choice = rankRoutes(request, table, health);
	if (choice.kind === "failure") return choice.failure;
	const [route] = choice.routes;
	return { provider: route.provider.providerId, model: route.model, headers: {} };
}

/** A table never changes, so each policy's order is worked out once for it. */
const sorted = new WeakMap<RouteTable, Map<Policy, readonly Route[]>>();

function sortForPolicy(table: RouteTable, policy: Policy): readonly Route[] {
	const known = sorted.get(table) ?? new Map<Policy, readonly Route[]>();
	sorted.set(table, known);
	const routes =
		known.get(policy) ??
		table.routes
			.filter((route) => policy !== "CN_OK" || route.provider.region === "cn")
			.toSorted(policy === "CHEAP" ? byPrice : byQuality);
	known.set(policy, routes);
	return routes;
}

/** A conversation sends about three tokens for each one it gets. */
function toBlendedPrice(route: Route): number {
	return 3 * route.priceInputMicro + route.priceOutputMicro;
}

function byQuality(a: Route, b: Route): number {
	return b.quality - a.quality || toBlendedPrice(a) - toBlendedPrice(b) || byName(a, b);
}

function byPrice(a: Route, b: Route): number {
	return toBlendedPrice(a) - toBlendedPrice(b) || b.quality - a.quality || byName(a, b);
}

/** Code units, not a locale: every node must agree. */
function byName(a: Route, b: Route): number {
	const left = `${a.provider.providerId} ${a.model}`;
	const right = `${b.provider.providerId} ${b.model}`;
	if (left === right) return 0;
	return left < right ? -1 : 1;
}

function hasRoom(route: Route, inputTokens: number): boolean {
	return inputTokens + Math.min(ANSWER_TOKENS_MIN, route.outputTokensMax) <= route.contextTokens;
}

/** The account's own providers first, in its order; the rest as the policy has them. */
function inOwnOrder(routes: readonly Route[], request: RouteRequest): readonly Route[] {
	const { routeOrder = [], target } = request;
	// A chain of sizes is an order of its own.
	if (target?.kind === "size") return routes;
	if (request.busyStrategy !== "custom_order" || routeOrder.length === 0) return routes;
	const rank = (route: Route): number => {
		const index = routeOrder.indexOf(route.provider.providerId);
		return index === -1 ? routeOrder.length : index;
	};
	return routes.toSorted((a, b) => rank(a) - rank(b));
}

function keepFirstOfProvider(routes: readonly Route[]): readonly Route[] {
	if (routes.length < 2) return routes;
	const seen = new Set<string>();
	return routes.filter(({ provider }) => !seen.has(provider.providerId) && seen.add(provider.providerId));
}

function isRoutable(route: Route, health: Health): boolean {
	const { kind } = health(route.provider.providerId);
	return kind === "up" || kind === "busy";
}

function skipsBusy(request: RouteRequest): boolean {
	return request.busyStrategy === "fallback" || request.busyStrategy === "custom_order";
}

function freeFirst(routes: readonly Route[], health: Health): readonly Route[] {
	const isBusy = (route: Route): boolean => health(route.provider.providerId).kind === "busy";
	if (!routes.some(isBusy)) return routes;
	return [...routes.filter((route) => !isBusy(route)), ...routes.filter(isBusy)];
}

/** Why none of the candidates can be asked now. */
function explain(routes: readonly Route[], policy: Policy, health: Health): RouteChoice {
	const pauses = routes.flatMap((route) => {
		const state = health(route.provider.providerId);
		return state.kind === "cooling" ? [state.retryAfterMs] : [];
	});
	if (pauses.length < routes.length) return noProvider(`every provider for ${policy} is unavailable`);
	const failure: RouteFailure = {
		code: "ROUTER_RATE_LIMITED",
		message: `every provider for ${policy} asks for a pause`,
		retryable: true,
		retryAfterMs: Math.min(...pauses),
	};
	return { kind: "failure", failure };
}

function noProvider(message: string, more: Pick<RouteFailure, "reason"> = {}): RouteChoice {
	return { kind: "failure", failure: { code: "ROUTER_NO_PROVIDER", message, retryable: true, ...more } };
}

function unknownModel(): RouteChoice {
	const message = "nobody has the model that was asked for";
	return {
		kind: "failure",
		failure: { code: "REQUEST_INVALID", message, retryable: false, reason: "model-unknown" },
	};
}

function tooLong(inputTokens: number): RouteChoice {
	const message = `no model has room for ${inputTokens} tokens of input`;
	return { kind: "failure", failure: { code: "REQUEST_INVALID", message, retryable: false } };
}
