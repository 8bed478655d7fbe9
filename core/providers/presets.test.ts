import { expect, test } from "@jest/globals";
import { PRESET_KEYS, readPreset, toCustomSeed, toPresetSeed, toProviderSeeds } from "./presets.ts";

test.each([
	[undefined, ["GLM-4.7", "Qwen3-Coder-480B", "GLM-4.7-FlashX", "GLM-4.7-Flash"]],
	["glm47", ["GLM-4.7", "GLM-4.7-FlashX", "GLM-4.7-Flash"]],
	["flash", ["GLM-4.7-Flash"]],
	["qwen", ["Qwen3-Coder-480B", "GLM-4.7-FlashX", "GLM-4.7-Flash"]],
] as const)("Cloud.ru with preset %s offers the models of its three tiers", (cloudruPreset, models) => {
	const names = toPresetSeed("cloudru", "k", cloudruPreset).models.map(({ model }) => model);
	expect(names).toEqual(models);
	const seeds = toProviderSeeds({
		keys: { cloudru: "k", openai: "k" },
		...(cloudruPreset !== undefined && { cloudruPreset }),
	});
	expect(seeds.find(({ id }) => id === "cloudru")?.models.map(({ model }) => model)).toEqual(models);
	const openai = seeds.find(({ id }) => id === "openai")?.models ?? [];
	expect(openai.filter(({ kind }) => kind === undefined)).toHaveLength(3);
	expect(openai.filter(({ kind }) => kind === "embedding").map(({ model }) => model)).toEqual([
		"text-embedding-3-large",
		"text-embedding-3-small",
	]);
});

test("Cloud.ru and the vendors in China say where the data goes", () => {
	expect(readPreset("cloudru")).toEqual({
		id: "cloudru",
		dialect: "openai",
		baseUrl: "https://foundation-models.api.cloud.ru/v1",
		region: "ru",
	});
	const cn = PRESET_KEYS.filter((key) => readPreset(key).region === "cn");
	expect([...cn].sort()).toEqual(["dashscope", "deepseek", "moonshot", "zhipu"]);
});

test("models of a vendor of one's own that are called after embedding embed, and the others chat", () => {
	const models = ["qwen3", "nomic-embed-text", "BAAI/bge-m3", "text-embedding-3-small", "beige-e5"];
	const custom = {
		baseUrl: "http://a.test/v1",
		apiKey: "",
		models,
		region: "us",
		dialect: "openai",
	} as const;
	const seed = toCustomSeed({ id: "custom", allowPrivateNetwork: true, ...custom });
	expect(seed.models.filter(({ kind }) => kind === "embedding").map(({ model }) => model)).toEqual(
		models.slice(1, 4),
	);
});
