import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RouteRequest } from "./choose-route.ts";
import { chooseRoute, rankRoutes } from "./choose-route.ts";
import type { Health, ProviderState, Route, RouteTable } from "./route-table.ts";

function route(
	providerId: string,
	region: string,
	quality: number,
	price: number,
	more: Partial<Route> = {},
): Route {
	return {
		provider: {
			providerId,
			dialect: "openai",
			baseUrl: "https://x.example.com",
			region,
			allowPrivateNetwork: false,
			requestsPerMinute: 600,
			tokensPerMinute: 1_000_000,
			concurrency: 10,
			secretId: undefined,
		},
		model: `${providerId}-${quality}`,
		quality,
		priceInputMicro: price,
		priceOutputMicro: price,
		contextTokens: 100_000,
		outputTokensMax: 8_000,
		weightMicro: 1_000_000,
		...more,
	};
}

const TABLE: RouteTable = {
	routes: [
		route("deepseek", "cn", 82, 30),
		route("openai", "us", 90, 200),
		route("openai", "us", 70, 20),
		route("kimi", "cn", 85, 60),
		route("anthropic", "us", 95, 300),
		route("cloudru", "ru", 80, 10),
	],
};

function health(states: Readonly<Record<string, ProviderState>> = {}): Health {
	return (providerId) => states[providerId] ?? { kind: "up" };
}

function order(request: Partial<RouteRequest>, states: Readonly<Record<string, ProviderState>> = {}) {
	const choice = rankRoutes(
		{ userId: "7", message: "hi", policy: "BEST", ...request },
		TABLE,
		health(states),
	);
	return choice.kind === "routes" ? choice.routes.map((each) => each.model) : choice.failure.code;
}

const down: ProviderState = { kind: "down" };
const busy: ProviderState = { kind: "busy" };
const cooling: ProviderState = { kind: "cooling", retryAfterMs: 4_000 };

describe("policies", () => {
	test("BEST goes by quality, one model a provider", () => {
		expect(order({ policy: "BEST" })).toEqual([
			"anthropic-95",
			"openai-90",
			"kimi-85",
			"deepseek-82",
			"cloudru-80",
		]);
	});

	test("CHEAP goes by price", () => {
		expect(order({ policy: "CHEAP" })).toEqual([
			"cloudru-80",
			"openai-70",
			"deepseek-82",
			"kimi-85",
			"anthropic-95",
		]);
	});

	test("CN_OK knows region cn only", () => {
		expect(order({ policy: "CN_OK" })).toEqual(["kimi-85", "deepseek-82"]);
	});

	test("CN_OK without any cn provider says that waiting is no use", () => {
		const abroad = { ...TABLE, routes: TABLE.routes.filter(({ provider }) => provider.region !== "cn") };
		const result = chooseRoute({ userId: "7", message: "", policy: "CN_OK" }, abroad, health({}));
		expect(result).toMatchObject({ code: "ROUTER_NO_PROVIDER", reason: "tier-unserved" });
	});

	test("CN_OK with every cn provider down is ROUTER_NO_PROVIDER, whatever else is up", () => {
		expect(order({ policy: "CN_OK" }, { kimi: down, deepseek: down })).toBe("ROUTER_NO_PROVIDER");
	});

	test("the account's own order cannot lead CN_OK abroad", () => {
		const request = {
			policy: "CN_OK",
			busyStrategy: "custom_order",
			routeOrder: ["openai", "deepseek"],
		} as const;
		expect(order(request)).toEqual(["deepseek-82", "kimi-85"]);
		expect(order(request, { kimi: down, deepseek: down })).toBe("ROUTER_NO_PROVIDER");
	});

	test("whatever the table and the health, CN_OK never names another region", () => {
		const routes = fc.array(
			fc.record({ id: fc.constantFrom("a", "b", "c", "d"), quality: fc.nat(100), price: fc.nat(100) }),
		);
		const states = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom(down, busy, cooling));
		fc.assert(
			fc.property(
				routes,
				states,
				fc.constantFrom("fallback", "custom_order"),
				(drawn, drawnStates, busyStrategy) => {
					const table = {
						routes: drawn.map(({ id, quality, price }) => route(id, id < "c" ? "cn" : "us", quality, price)),
					};
					const choice = rankRoutes(
						{ userId: "7", message: "", policy: "CN_OK", busyStrategy, routeOrder: ["d", "c"] },
						table,
						health(drawnStates),
					);
					const regions = choice.kind === "routes" ? choice.routes.map((each) => each.provider.region) : [];
					expect(regions.every((region) => region === "cn")).toBe(true);
				},
			),
		);
	});
});

describe("health", () => {
	test("providers that are down or cooling are left out for everybody", () => {
		for (const busyStrategy of ["lowest_priority", "low_priority", "fallback", "custom_order"] as const) {
			const routes = order({ busyStrategy }, { anthropic: down, openai: cooling });
			expect(routes).toEqual(["kimi-85", "deepseek-82", "cloudru-80"]);
		}
	});

	test("when all ask for a pause the answer is the shortest one", () => {
		const all = { kimi: cooling, deepseek: { kind: "cooling", retryAfterMs: 900 } } as const;
		const result = chooseRoute({ userId: "7", message: "", policy: "CN_OK" }, TABLE, health(all));
		expect(result).toEqual({
			code: "ROUTER_RATE_LIMITED",
			message: "every provider for CN_OK asks for a pause",
			retryable: true,
			retryAfterMs: 900,
		});
		expect(order({ policy: "CN_OK" }, { kimi: cooling, deepseek: down })).toBe("ROUTER_NO_PROVIDER");
	});
});

describe("when busy", () => {
	test("plans with fallback go on to the next provider", () => {
		expect(order({ busyStrategy: "fallback" }, { anthropic: busy })).toEqual([
			"openai-90",
			"kimi-85",
			"deepseek-82",
			"cloudru-80",
			"anthropic-95",
		]);
	});

	test("low priorities stay in line", () => {
		expect(order({ busyStrategy: "low_priority" }, { anthropic: busy })[0]).toBe("anthropic-95");
		expect(order({ busyStrategy: "lowest_priority" }, { anthropic: busy })[0]).toBe("anthropic-95");
	});

	test("an own order comes first, skips the busy, and goes on with the rest", () => {
		const request = { busyStrategy: "custom_order", routeOrder: ["deepseek", "openai", "unknown"] } as const;
		expect(order(request)).toEqual(["deepseek-82", "openai-90", "anthropic-95", "kimi-85", "cloudru-80"]);
		expect(order(request, { deepseek: busy })[0]).toBe("openai-90");
	});

	test("an own order counts only with the plan that has one", () => {
		expect(order({ busyStrategy: "fallback", routeOrder: ["deepseek"] })[0]).toBe("anthropic-95");
	});
});

test("a model whose context is too small gives way to a bigger one of the same provider", () => {
	const table = {
		routes: [
			route("a", "us", 90, 1, { contextTokens: 8_000, model: "small" }),
			route("a", "us", 50, 1, { contextTokens: 200_000, model: "big" }),
		],
	};
	const request = { userId: "7", message: "", policy: "BEST" } as const;
	expect(chooseRoute({ ...request, inputTokens: 7_744 }, table, health())).toMatchObject({ model: "small" });
	expect(chooseRoute({ ...request, inputTokens: 7_745 }, table, health())).toMatchObject({ model: "big" });
	expect(chooseRoute({ ...request, inputTokens: 199_999 }, table, health())).toMatchObject({
		code: "REQUEST_INVALID",
	});
});

test("ties are decided the same way on every node", () => {
	const routes = [route("b", "us", 50, 5), route("a", "us", 50, 5), route("c", "us", 50, 5)];
	const request = { userId: "7", message: "", policy: "BEST" } as const;
	for (const table of [{ routes }, { routes: routes.toReversed() }]) {
		expect(chooseRoute(request, table, health())).toEqual({ provider: "a", model: "a-50", headers: {} });
	}
});

test("an empty table is ROUTER_NO_PROVIDER", () => {
	const request = { userId: "7", message: "", policy: "BEST" } as const;
	expect(chooseRoute(request, { routes: [] }, health())).toMatchObject({
		code: "ROUTER_NO_PROVIDER",
		retryable: true,
	});
});
