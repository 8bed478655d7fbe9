import type { CloudruPreset, ModelSizes, PresetKey } from "../../core/providers/presets.ts";
import {
	CLOUDRU_PRESETS,
	PRESET_KEYS,
	readPreset,
	toCustomSeed,
	toPresetSeed,
} from "../../core/providers/presets.ts";
import type { ProviderSeed } from "../../core/providers/provider.ts";
import type { Console } from "./console.ts";
import { PROXY } from "./proxy.ts";
import type { AddFlags } from "./read-arguments.ts";
import { WizardError } from "./wizard-error.ts";

/** Which provider is wanted; everything but its key. */
export type Answers = {
	readonly seed: Omit<ProviderSeed, "apiKey" | "dialect"> & { readonly dialect: "openai" | "anthropic" };
	readonly preset: PresetKey | undefined;
	readonly cloudruPreset: CloudruPreset | undefined;
	readonly isProxy: boolean;
	/** Figures of its models that were told: they count more than what is known of them. */
	readonly sizes: Partial<ModelSizes>;
	/** Something of a preset was changed, which .env has no words for. */
	readonly isAltered: boolean;
};

const CUSTOM = "custom";
const ID = /^[a-z0-9][a-z0-9-]{0,39}$/;
const REGION = /^[a-z]{2,12}$/;
const MODEL = /^[\w./:@-]{1,100}$/;
const MODELS_MAX = 50;
const URL_LENGTH_MAX = 2_000;
const TOKENS_MAX = 10_000_000;

/** From the flags, else asked for. @throws WizardError that names what is wrong */
export async function readAnswers(flags: AddFlags, console: Console): Promise<Answers> {
	const isCustom = flags.preset === undefined && flags["base-url"] !== undefined;
	const choices = [...PRESET_KEYS, PROXY.id, CUSTOM];
	const text = `Which provider (${choices.join(", ")})`;
	const choice =
		flags.preset ?? (isCustom ? CUSTOM : await console.ask({ text, flag: "--preset or --base-url" }));
	if (choice === CUSTOM) return await readCustom(flags, console);
	if (choice === PROXY.id) return readProxy(flags);
	const preset = PRESET_KEYS.find((key) => key === choice);
	if (preset === undefined)
		throw new WizardError(`there is no preset ${choice}; there are ${choices.join(", ")}`);
	return await readFromPreset(preset, flags, console);
}

async function readFromPreset(preset: PresetKey, flags: AddFlags, console: Console): Promise<Answers> {
	const cloudruPreset = await readCloudruPreset(preset, flags, console);
	const { apiKey: _, ...seed } = toPresetSeed(preset, "", cloudruPreset);
	const facts = readPreset(preset);
	const dialect = facts.dialect === "anthropic" ? "anthropic" : "openai";
	const names = flags.models === undefined ? undefined : toModels(flags.models);
	const sizes = readSizes(flags);
	const known = new Map(seed.models.map((model) => [model.model, model]));
	const fresh =
		names === undefined ? [] : toCustomSeed({ ...toCustomParts(seed, dialect), models: names }).models;
	const altered = {
		baseUrl: flags["base-url"] === undefined ? seed.baseUrl : toBaseUrl(flags["base-url"]),
		region: toRegion(flags.region ?? seed.region),
		allowPrivateNetwork: flags["allow-private"] === true,
		id: toId(flags.id ?? seed.id),
		dialect: toDialect(flags.dialect ?? dialect),
		models: names === undefined ? seed.models : fresh.map((model) => known.get(model.model) ?? model),
	};
	const isAltered =
		names !== undefined ||
		isTold(sizes) ||
		(["baseUrl", "region", "allowPrivateNetwork", "id", "dialect"] as const).some(
			(key) => altered[key] !== seed[key],
		);
	return { seed: { ...seed, ...altered }, preset, cloudruPreset, isProxy: false, sizes, isAltered };
}

async function readCloudruPreset(
	preset: PresetKey,
	flags: AddFlags,
	console: Console,
): Promise<CloudruPreset | undefined> {
	if (preset !== "cloudru") return undefined;
	const text = "Which models of Cloud.ru (all, glm47, flash: free, qwen)";
	const choice =
		flags["cloudru-preset"] ?? (await console.ask({ text, fallback: "all", flag: "--cloudru-preset" }));
	return choice === "all" ? undefined : toCloudruPreset(choice);
}

async function readCustom(flags: AddFlags, console: Console): Promise<Answers> {
	const ask = async (
		given: string | undefined,
		text: string,
		flag: string,
		fallback?: string,
	): Promise<string> =>
		given ?? (await console.ask({ text, flag, ...(fallback !== undefined && { fallback }) }));
	const baseUrl = toBaseUrl(
		await ask(flags["base-url"], "Base URL, such as https://models.example.org/v1", "--base-url"),
	);
	const dialect = toDialect(await ask(flags.dialect, "Dialect (openai, anthropic)", "--dialect", "openai"));
	const models = toModels(await ask(flags.models, "Models, the best first, parted by commas", "--models"));
	const region = toRegion(
		await ask(flags.region, "Region, where the data goes (cn, us, ru, other ...)", "--region", "other"),
	);
	const id = toId(await ask(flags.id, "A short name for it", "--id", CUSTOM));
	const allowPrivateNetwork =
		flags["allow-private"] ??
		isYes(
			await console.ask({
				text: "Is it in your own network (yes, no)",
				fallback: "no",
				flag: "--allow-private",
			}),
		);
	const { apiKey: _, ...seed } = toCustomSeed({
		id,
		baseUrl,
		dialect,
		models,
		region,
		allowPrivateNetwork,
		apiKey: "",
	});
	const sizes = readSizes(flags);
	const isAltered = id !== CUSTOM || isTold(sizes);
	return {
		sizes,
		seed: { ...seed, dialect },
		preset: undefined,
		cloudruPreset: undefined,
		isProxy: false,
		isAltered,
	};
}

function readProxy(flags: AddFlags): Answers {
	const parts = {
		...{ id: PROXY.id, dialect: PROXY.dialect, allowPrivateNetwork: true, apiKey: "" },
		baseUrl: toBaseUrl(flags["base-url"] ?? PROXY.baseUrl),
		region: toRegion(flags.region ?? PROXY.region),
		models: flags.models === undefined ? PROXY.models : toModels(flags.models),
	};
	const { apiKey: _, ...seed } = toCustomSeed(parts, PROXY.sizes);
	const dialect = PROXY.dialect;
	return {
		sizes: readSizes(flags),
		seed: { ...seed, dialect },
		preset: undefined,
		cloudruPreset: undefined,
		isProxy: true,
		isAltered: true,
	};
}

function readSizes(flags: AddFlags): Partial<ModelSizes> {
	const { "context-tokens": context, "output-tokens": output } = flags;
	return {
		...(context !== undefined && { contextTokens: toTokens(context, "--context-tokens") }),
		...(output !== undefined && { outputTokensMax: toTokens(output, "--output-tokens") }),
	};
}

function isTold(sizes: Partial<ModelSizes>): boolean {
	return Object.keys(sizes).length > 0;
}

function toTokens(text: string, flag: string): number {
	const tokens = Number(text);
	if (Number.isInteger(tokens) && tokens >= 1 && tokens <= TOKENS_MAX) return tokens;
	throw new WizardError(`${flag} must be a whole number from 1 to ${TOKENS_MAX}`);
}

function toCustomParts(seed: Omit<ProviderSeed, "apiKey">, dialect: "openai" | "anthropic") {
	const { id, baseUrl, region, allowPrivateNetwork } = seed;
	return { id, baseUrl, region, allowPrivateNetwork, dialect, apiKey: "" };
}

/** @throws WizardError when there is none of that name */
export function toCloudruPreset(text: string): CloudruPreset {
	if (Object.hasOwn(CLOUDRU_PRESETS, text)) return text as CloudruPreset;
	throw new WizardError(`--cloudru-preset must be one of ${Object.keys(CLOUDRU_PRESETS).join(", ")}`);
}

/** It is stored and shown, so it is no place for passwords. */
function toBaseUrl(text: string): string {
	const url = URL.parse(text.trim());
	const isPlain =
		url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
	if (url === null || !isPlain || !/^https?:$/.test(url.protocol) || text.length > URL_LENGTH_MAX) {
		throw new WizardError(
			"--base-url must be an address such as https://models.example.org/v1, without user name, password, ? and #",
		);
	}
	return url.href.replace(/\/+$/, "");
}

function toDialect(text: string): "openai" | "anthropic" {
	if (text === "openai" || text === "anthropic") return text;
	throw new WizardError("--dialect must be openai or anthropic");
}

function toModels(text: string): readonly string[] {
	const models = [...new Set(text.split(",").map((model) => model.trim()))].filter((model) => model !== "");
	if (models.length > 0 && models.length <= MODELS_MAX && models.every((model) => MODEL.test(model)))
		return models;
	throw new WizardError(`--models must be 1 to ${MODELS_MAX} names such as my-model, parted by commas`);
}

function toRegion(text: string): string {
	if (REGION.test(text)) return text;
	throw new WizardError("--region must be 2 to 12 small letters such as cn or us");
}

function toId(text: string): string {
	if (ID.test(text) && text !== "demo") return text;
	throw new WizardError("--id must be small letters, digits and hyphens, and not demo");
}

function isYes(text: string): boolean {
	return /^(y|yes|true|1)$/i.test(text);
}
