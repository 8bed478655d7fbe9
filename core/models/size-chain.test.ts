import { describe, expect, test } from "@jest/globals";
import { rankRoutes } from "./choose-route.ts";
import type { RouteTarget } from "./model-call.ts";
import type { Route } from "./route-table.ts";

function toRoute(providerId: string, model: string, quality: number, more: { region?: string } = {}): Route {
	const { region = "us" } = more;
	return {
		provider: {
			...{ providerId, dialect: "openai", baseUrl: "", region, allowPrivateNetwork: false },
			...{ requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1, secretId: undefined },
		},
		...{ model, quality, priceInputMicro: quality, priceOutputMicro: quality, contextTokens: 1_000_000 },
		...{ outputTokensMax: 1_000, weightMicro: 1 },
	};
}

const routes = [
	toRoute("cloud", "GLM-4.7", 88),
	toRoute("cloud", "GLM-4.7-FlashX", 76),
	toRoute("cloud", "GLM-4.7-Flash", 70),
	toRoute("cn", "qwen-max", 85, { region: "cn" }),
	toRoute("cn", "qwen-flash", 66, { region: "cn" }),
];
const glm47 = { big: "GLM-4.7", middle: "GLM-4.7-FlashX", small: "GLM-4.7-Flash" };

function rank(target: RouteTarget, policy: "BEST" | "CN_OK" = "BEST"): readonly string[] | string {
	const choice = rankRoutes({ userId: "1", policy, target }, { routes }, () => ({ kind: "up" }));
	return choice.kind === "routes"
		? choice.routes.map(({ model }) => model)
		: (choice.failure.reason ?? choice.failure.code);
}

describe("a size", () => {
	test("of a preset goes to its own model and then to each smaller one", () => {
		expect(rank({ kind: "size", size: "big", models: glm47 })).toEqual([
			"GLM-4.7",
			"GLM-4.7-FlashX",
			"GLM-4.7-Flash",
		]);
		expect(rank({ kind: "size", size: "middle", models: glm47 })).toEqual([
			"GLM-4.7-FlashX",
			"GLM-4.7-Flash",
		]);
		expect(rank({ kind: "size", size: "small", models: glm47 })).toEqual(["GLM-4.7-Flash"]);
	});

	test("of a preset with one model asks it once", () => {
		const flash = { big: "GLM-4.7-Flash", middle: "GLM-4.7-Flash", small: "GLM-4.7-Flash" };
		expect(rank({ kind: "size", size: "big", models: flash })).toEqual(["GLM-4.7-Flash"]);
	});

	test("without a preset is the provider's own best, middle or least, the best places first", () => {
		expect(rank({ kind: "size", size: "big" })).toEqual([
			...["GLM-4.7", "GLM-4.7-FlashX", "GLM-4.7-Flash"],
			...["qwen-max", "qwen-flash"],
		]);
		expect(rank({ kind: "size", size: "small" })).toEqual(["GLM-4.7-Flash", "qwen-flash"]);
	});

	test("never leaves China where the policy does not", () => {
		expect(rank({ kind: "size", size: "big" }, "CN_OK")).toEqual(["qwen-max", "qwen-flash"]);
		expect(rank({ kind: "size", size: "big", models: glm47 }, "CN_OK")).toBe("model-unknown");
	});
});

describe("a model asked for by name", () => {
	test("is asked where it is", () => {
		expect(rank({ kind: "exact", providerId: undefined, model: "qwen-max" })).toEqual(["qwen-max"]);
		expect(rank({ kind: "exact", providerId: "cn", model: "qwen-max" })).toEqual(["qwen-max"]);
	});

	test.each(["../../x", "*", "", "QWEN-MAX"])("that nobody has (%j) is unknown", (model) => {
		expect(rank({ kind: "exact", providerId: undefined, model })).toBe("model-unknown");
		expect(rank({ kind: "exact", providerId: "cloud", model: "qwen-max" })).toBe("model-unknown");
	});
});
