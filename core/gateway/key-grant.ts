import type { CallerPlan, ModelCallSource, Policy } from "../models/model-call.ts";

/** Presets an account may choose; undefined elsewhere: models are ranked by size from the provider table. */
export type PresetName = "glm47" | "flash" | "qwen";

/** Everything the gateway must know about the key of a call, read together and remembered for a few seconds. */
export type KeyGrant = {
	readonly keyId: string;
	readonly accountId: string;
	/** Of an instance the key was made for. */
	readonly instanceId: string | undefined;
	/** What calls with this key are, unless they say otherwise and may. */
	readonly source: ModelCallSource;
	/** True: `x-rockpool-source` of the call counts. */
	readonly mayNameSource: boolean;
	/** Tiers it may ask for; undefined: all of its plan. */
	readonly tiers: readonly GatewayTier[] | undefined;
	/** CIDR blocks it may call from; undefined: from anywhere. */
	readonly networks: readonly string[] | undefined;
	/** Micro-tokens a day of the account; undefined: what the account has. */
	readonly dailyCapMicro: number | undefined;
	/** Micro-tokens an hour for calls nobody asked for (heartbeat, cron); undefined: no cap of its own. */
	readonly idleCapMicro: number | undefined;
	/** undefined: never. */
	readonly expiresAt: Date | undefined;
	/** Undefined: no live subscription. */
	readonly plan: CallerPlan | undefined;
	/** True: the plan lets the caller name a provider and a model. */
	readonly mayNameModel: boolean;
	readonly policy: Policy;
	readonly routeOrder: readonly string[];
	readonly preset: PresetName | undefined;
};

/** What a key has of its own; absent: what its account may. */
export type KeyTerms = {
	readonly source?: Exclude<ModelCallSource, "gateway"> | undefined;
	/** True: `x-rockpool-source` of a call counts. */
	readonly mayNameSource?: boolean | undefined;
	readonly tiers?: readonly GatewayTier[] | undefined;
	/** CIDR blocks or single addresses. */
	readonly networks?: readonly string[] | undefined;
	readonly dailyCapMicro?: number | undefined;
	/** An hour, of calls nobody asked for. */
	readonly idleCapMicro?: number | undefined;
	readonly expiresAt?: Date | undefined;
};

export type GatewayTier =
	| "auto"
	| "smart"
	| "economy"
	| "china-ready"
	| "opus"
	| "sonnet"
	| "haiku"
	| "exact";

/** A held share of a key's own caps; to be settled with what the call came to, or 0. */
export type KeyHold = { readonly holdId: string };
