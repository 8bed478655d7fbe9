import { AppError } from "../errors.ts";
import type { ModelSize, Policy, RouteTarget } from "../models/model-call.ts";
import type { GatewayTier, KeyGrant, PresetName } from "./key-grant.ts";

/** What each preset calls its sizes (source: contract, Cloud.ru presets). */
export type SizePresets = Readonly<Record<PresetName, Readonly<Record<keyof typeof SIZES, string>>>>;

/** Where a name leads. */
export type NamedModel = {
	readonly tier: GatewayTier;
	readonly policy: Policy;
	readonly target: RouteTarget | undefined;
};

const TIERS: Readonly<Record<string, Policy>> = { smart: "BEST", economy: "CHEAP", "china-ready": "CN_OK" };
const SIZES = { opus: "big", sonnet: "middle", haiku: "small" } as const;

/** Names everybody may ask for, as /v1/models lists them. */
export const TIER_NAMES = ["auto", ...Object.keys(TIERS), ...Object.keys(SIZES)] as readonly GatewayTier[];

/**
 * What a caller's name for a model means: a tier in words, a size in the words of Anthropic's clients (any claude-* name
 * too), or a provider's own name where the plan allows it ("provider/model", or the model alone). Whoever is bound to China
 * stays there under every name but another tier's.
 *
 * @throws AppError REQUEST_INVALID 404 for a name that means nothing here, FORBIDDEN for a tier the key may not use
 */
export function toNamedModel(name: string, grant: KeyGrant, presets: SizePresets): NamedModel {
	const named = findTier(name, grant) ?? findSize(name, grant, presets) ?? findExact(name, grant);
	if (grant.tiers !== undefined && !grant.tiers.includes(named.tier)) {
		throw new AppError("FORBIDDEN", `the key may not use ${named.tier}`, {
			details: { reason: "tier-not-allowed", tier: named.tier },
		});
	}
	return named;
}

function findTier(name: string, grant: KeyGrant): NamedModel | undefined {
	if (name === "auto") return { tier: "auto", policy: grant.policy, target: undefined };
	const policy = Object.hasOwn(TIERS, name) ? TIERS[name] : undefined;
	return policy === undefined ? undefined : { tier: name as GatewayTier, policy, target: undefined };
}

function findSize(name: string, { policy, preset }: KeyGrant, presets: SizePresets): NamedModel | undefined {
	const word = toSizeWord(name);
	if (word === undefined) return undefined;
	const size: ModelSize = SIZES[word];
	const models = preset === undefined ? undefined : toModels(presets[preset]);
	return { tier: word, policy, target: { kind: "size", size, ...(models !== undefined && { models }) } };
}

/** A claude model that names no size is a middle one. */
function toSizeWord(name: string): keyof typeof SIZES | undefined {
	if (Object.hasOwn(SIZES, name)) return name as keyof typeof SIZES;
	if (!/^claude-[\w.@:[\]-]{1,80}$/.test(name)) return undefined;
	return (/opus|sonnet|haiku/.exec(name)?.[0] as keyof typeof SIZES | undefined) ?? "sonnet";
}

function findExact(name: string, { mayNameModel, policy }: KeyGrant): NamedModel {
	if (!mayNameModel) throw toUnknown();
	const slash = name.indexOf("/");
	const providerId = slash > 0 ? name.slice(0, slash) : undefined;
	const model = slash > 0 ? name.slice(slash + 1) : name;
	return { tier: "exact", policy, target: { kind: "exact", providerId, model } };
}

function toModels(preset: SizePresets[PresetName]): Readonly<Record<ModelSize, string>> {
	return { big: preset.opus, middle: preset.sonnet, small: preset.haiku };
}

function toUnknown(): AppError {
	return new AppError("REQUEST_INVALID", "a name that means nothing here", {
		status: 404,
		details: { reason: "model-unknown" },
	});
}
