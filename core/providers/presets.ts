import type { ModelSeed, ProviderSeed } from "./provider.ts";

/** What the environment says about providers; an absent key means the provider is not wanted. */
export type ProviderSettings = {
	readonly keys: Readonly<Partial<Record<PresetKey, string>>>;
	/** Only the models of this preset of Cloud.ru; all of them when absent. */
	readonly cloudruPreset?: CloudruPreset;
	readonly custom?: {
		readonly baseUrl: string;
		readonly apiKey: string;
		readonly models: readonly string[];
		readonly region: string;
		readonly dialect: "openai" | "anthropic";
		readonly allowPrivateNetwork: boolean;
	};
};

export type PresetKey = "openai" | "moonshot" | "deepseek" | "dashscope" | "zhipu" | "cloudru" | "anthropic";

/** [model, quality, dollars a million tokens in, and out, context tokens, output tokens at most] */
type Figures = readonly [string, number, number, number, number, number];

type Preset = Pick<ProviderSeed, "id" | "dialect" | "baseUrl" | "region"> & {
	readonly models: readonly Figures[];
	/** Models that only embed. */
	readonly embeddings?: readonly Figures[];
};

/**
 * Defaults an operator starts from. Qualities are our ranking, prices and limits those of the vendors' price lists in 2026;
 * all of them are rows in the database from then on. Models that think before they answer are left out on purpose: hidden
 * reasoning would eat the small answers a small plan can afford.
 */
const PRESETS: Readonly<Record<PresetKey, Preset>> = {
	openai: {
		id: "openai",
		dialect: "openai",
		baseUrl: "https://api.openai.com/v1",
		region: "us",
		models: [
			["gpt-4.1", 90, 2, 8, 1_000_000, 32_768],
			["gpt-4.1-mini", 78, 0.4, 1.6, 1_000_000, 32_768],
			["gpt-4.1-nano", 62, 0.1, 0.4, 1_000_000, 32_768],
		],
		// What comes out is no text: there is nothing to give a length to.
		embeddings: [
			["text-embedding-3-large", 60, 0.13, 0, 8_192, 1],
			["text-embedding-3-small", 50, 0.02, 0, 8_192, 1],
		],
	},
	anthropic: {
		id: "anthropic",
		dialect: "anthropic",
		baseUrl: "https://api.anthropic.com",
		region: "us",
		models: [
			["claude-sonnet-4-5", 94, 3, 15, 200_000, 64_000],
			["claude-haiku-4-5", 84, 1, 5, 200_000, 64_000],
		],
	},
	moonshot: {
		id: "kimi",
		dialect: "openai",
		baseUrl: "https://api.moonshot.cn/v1",
		region: "cn",
		models: [
			["kimi-k2-0905-preview", 86, 0.6, 2.5, 262_144, 32_768],
			["moonshot-v1-128k", 70, 1.4, 4.2, 131_072, 16_384],
			["moonshot-v1-8k", 68, 0.28, 1.4, 8_192, 4_096],
		],
	},
	deepseek: {
		id: "deepseek",
		dialect: "openai",
		baseUrl: "https://api.deepseek.com/v1",
		region: "cn",
		models: [["deepseek-chat", 87, 0.28, 0.42, 131_072, 8_192]],
	},
	dashscope: {
		id: "qwen",
		dialect: "openai",
		baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
		region: "cn",
		models: [
			["qwen-max", 85, 0.35, 1.4, 32_768, 8_192],
			["qwen-plus", 80, 0.11, 0.28, 131_072, 8_192],
			["qwen-flash", 66, 0.02, 0.2, 131_072, 8_192],
		],
	},
	zhipu: {
		id: "glm",
		dialect: "openai",
		baseUrl: "https://open.bigmodel.cn/api/paas/v4",
		region: "cn",
		models: [
			["glm-4.6", 86, 0.55, 2, 200_000, 16_384],
			["glm-4.5-air", 75, 0.11, 0.55, 131_072, 16_384],
			["glm-4.5-flash", 64, 0, 0, 131_072, 16_384],
		],
	},
	cloudru: {
		id: "cloudru",
		dialect: "openai",
		baseUrl: "https://foundation-models.api.cloud.ru/v1",
		region: "ru",
		models: [
			["GLM-4.7", 88, 0.7, 2.4, 200_000, 16_384],
			["Qwen3-Coder-480B", 85, 0.9, 2.8, 262_144, 16_384],
			["GLM-4.7-FlashX", 76, 0.2, 0.6, 200_000, 16_384],
			["GLM-4.7-Flash", 70, 0, 0, 200_000, 16_384],
		],
	},
};

/** Cloud.ru's presets (contract): what a client that asks for opus, sonnet or haiku gets, each falling to the next on failure. */
export const CLOUDRU_PRESETS = {
	glm47: { opus: "GLM-4.7", sonnet: "GLM-4.7-FlashX", haiku: "GLM-4.7-Flash", free: false },
	flash: { opus: "GLM-4.7-Flash", sonnet: "GLM-4.7-Flash", haiku: "GLM-4.7-Flash", free: true },
	qwen: { opus: "Qwen3-Coder-480B", sonnet: "GLM-4.7-FlashX", haiku: "GLM-4.7-Flash", free: false },
} as const;

export type CloudruPreset = keyof typeof CLOUDRU_PRESETS;

/** What a preset says of a vendor; its models are `toPresetSeed`'s to say. */
export type PresetFacts = Pick<Preset, "id" | "dialect" | "baseUrl" | "region">;

export const PRESET_KEYS = Object.keys(PRESETS) as readonly PresetKey[];

/** Without models and key, for whoever shows what there is to choose from. */
export function readPreset(key: PresetKey): PresetFacts {
	const { id, dialect, baseUrl, region } = PRESETS[key];
	return { id, dialect, baseUrl, region };
}

const DEMO: ProviderSeed = {
	id: "demo",
	dialect: "demo",
	baseUrl: "demo:",
	region: "local",
	apiKey: "",
	allowPrivateNetwork: false,
	limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 2_000_000_000, concurrency: 1_000 },
	models: [
		toModel(["demo-smart", 50, 1, 1, 1_000_000, 8_192]),
		toModel(["demo-economy", 10, 0, 0, 1_000_000, 8_192]),
	],
};

/** What the demo says would be asked, by demo model: the first choice of each policy if every key were set. */
export const DEMO_ROUTES: Readonly<Record<string, string>> = {
	"demo-smart": "Anthropic claude-sonnet-4-5",
	"demo-economy": "Cloud.ru GLM-4.7-Flash",
};

/** The providers to write at start. The demo is always among them; it is used while nothing else is switched on. */
export function toProviderSeeds(settings: ProviderSettings): readonly ProviderSeed[] {
	const presets = PRESET_KEYS.flatMap((key) => {
		const apiKey = settings.keys[key] ?? "";
		return apiKey === "" ? [] : [toPresetSeed(key, apiKey, settings.cloudruPreset)];
	});
	const { custom } = settings;
	return [...presets, ...(custom === undefined ? [] : [toCustomSeed({ id: "custom", ...custom })]), DEMO];
}

/** One vendor with its models; of Cloud.ru's only those of `cloudruPreset`. */
export function toPresetSeed(
	key: PresetKey,
	apiKey: string,
	cloudruPreset: CloudruPreset | undefined,
): ProviderSeed {
	const preset = PRESETS[key];
	const wanted = key === "cloudru" && cloudruPreset !== undefined ? toModelNames(cloudruPreset) : undefined;
	const { models, embeddings = [], ...rest } = preset;
	const chosen = models.filter(([model]) => wanted?.includes(model) ?? true);
	return {
		...{ ...rest, apiKey, allowPrivateNetwork: false },
		models: [...chosen.map(toModel), ...embeddings.map(toEmbedding)],
	};
}

function toModelNames(cloudruPreset: CloudruPreset): readonly string[] {
	const { opus, sonnet, haiku } = CLOUDRU_PRESETS[cloudruPreset];
	return [opus, sonnet, haiku];
}

/** How much a model takes in all, and gives at most, in tokens. */
export type ModelSizes = { readonly contextTokens: number; readonly outputTokensMax: number };

/** What nearly every model of these years can do. */
const SIZES_UNKNOWN: ModelSizes = { contextTokens: 32_768, outputTokensMax: 4_096 };

/** What models that embed are called by nearly everybody who makes them. */
const EMBEDS = /embed|(?:^|\/)(?:bge|gte|e5)-/i;

/** Nothing is known about these models but what their names say: middling figures, first named first. */
export function toCustomSeed(
	custom: NonNullable<ProviderSettings["custom"]> & { readonly id: string },
	sizes: Partial<ModelSizes> = {},
): ProviderSeed {
	const { models, ...rest } = custom;
	const { contextTokens, outputTokensMax } = { ...SIZES_UNKNOWN, ...sizes };
	return {
		...rest,
		models: models.map((model, index) => {
			const figures: Figures = [model, Math.max(80 - index, 1), 1, 1, contextTokens, outputTokensMax];
			return EMBEDS.test(model) ? toEmbedding(figures) : toModel(figures);
		}),
	};
}

/** A tenth of what a token of a chat costs, as vendors have it at least. */
const EMBEDDING_WEIGHT_MICRO = 100_000;

function toEmbedding(figures: Figures): ModelSeed {
	return { ...toModel(figures), kind: "embedding", weightMicro: EMBEDDING_WEIGHT_MICRO };
}

function toModel([
	model,
	quality,
	dollarsIn,
	dollarsOut,
	contextTokens,
	outputTokensMax,
]: Figures): ModelSeed {
	return {
		model,
		quality,
		priceInputMicro: Math.round(dollarsIn * 1_000_000),
		priceOutputMicro: Math.round(dollarsOut * 1_000_000),
		contextTokens,
		outputTokensMax,
	};
}
