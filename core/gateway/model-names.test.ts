import { describe, expect, test } from "@jest/globals";
import { CLOUDRU_PRESETS } from "../providers/presets.ts";
import type { KeyGrant } from "./key-grant.ts";
import { toNamedModel } from "./model-names.ts";

const GRANT: KeyGrant = {
	...{ keyId: "k", accountId: "1", instanceId: undefined, source: "api", mayNameSource: false },
	...{ tiers: undefined, networks: undefined, dailyCapMicro: undefined, idleCapMicro: undefined },
	...{ expiresAt: undefined, plan: undefined, mayNameModel: false, policy: "BEST", routeOrder: [] },
	preset: undefined,
};

function name(model: string, more: Partial<KeyGrant> = {}) {
	return toNamedModel(model, { ...GRANT, ...more }, CLOUDRU_PRESETS);
}

describe("a model's name", () => {
	test.each([
		["auto", "CN_OK"],
		["smart", "BEST"],
		["economy", "CHEAP"],
		["china-ready", "CN_OK"],
	])("%s is a tier", (model, policy) => {
		expect(name(model, { policy: "CN_OK" })).toEqual({ tier: model, policy, target: undefined });
	});

	test.each([
		["opus", "opus", "big"],
		["sonnet", "sonnet", "middle"],
		["haiku", "haiku", "small"],
		["claude-opus-4-1-20250805", "opus", "big"],
		["claude-3-5-haiku-latest", "haiku", "small"],
		["claude-sonnet-4-5", "sonnet", "middle"],
		["claude-next", "sonnet", "middle"],
		["claude-opus-4-6[1m]", "opus", "big"],
		["claude-haiku-4-5:thinking", "haiku", "small"],
	])("%s is the size %s", (model, tier, size) => {
		expect(name(model)).toEqual({ tier, policy: "BEST", target: { kind: "size", size } });
	});

	test("of a size leads to the account's preset, and stays in China where the account does", () => {
		expect(name("claude-opus-4-1", { preset: "qwen", policy: "CN_OK" })).toEqual({
			...{ tier: "opus", policy: "CN_OK" },
			target: {
				...{ kind: "size", size: "big" },
				models: { big: "Qwen3-Coder-480B", middle: "GLM-4.7-FlashX", small: "GLM-4.7-Flash" },
			},
		});
	});

	test.each(["gpt-4o", "../../x", "*", "constructor", "kimi/moonshot-v1", "claude-"])(
		"%s means nothing where the plan does not let its people name models",
		(model) => {
			expect(() => name(model)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID", status: 404 }));
		},
	);

	test("of a provider's own is taken where the plan allows it", () => {
		expect(name("kimi/moonshot-v1", { mayNameModel: true }).target).toEqual({
			...{ kind: "exact", providerId: "kimi", model: "moonshot-v1" },
		});
		expect(name("gpt-4o", { mayNameModel: true }).target).toEqual({
			...{ kind: "exact", providerId: undefined, model: "gpt-4o" },
		});
	});

	test("of a tier the key may not use is refused", () => {
		const tiers = ["economy"] as const;
		expect(name("economy", { tiers }).policy).toBe("CHEAP");
		for (const model of ["smart", "auto", "claude-opus-4-1", "gpt-4o"]) {
			const error = expect.objectContaining({ code: "FORBIDDEN", status: 403 });
			expect(() => name(model, { tiers, mayNameModel: true })).toThrow(error);
		}
	});
});
