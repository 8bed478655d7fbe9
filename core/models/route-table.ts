/** A vendor as configured. Its key is not here: it is asked for at the call. */
export type ProviderEntry = {
	readonly providerId: string;
	readonly dialect: string;
	readonly baseUrl: string;
	/** Where the data goes: "cn", "us", "ru", "local". */
	readonly region: string;
	readonly allowPrivateNetwork: boolean;
	readonly requestsPerMinute: number;
	readonly tokensPerMinute: number;
	readonly concurrency: number;
	readonly secretId: string | undefined;
};

/** One model of one provider: a place a call can go to. */
export type Route = {
	readonly provider: ProviderEntry;
	readonly model: string;
	/** Undefined: it chats. */
	readonly kind?: "embedding";
	/** 0..100, higher is better. */
	readonly quality: number;
	/** Micro-dollars for a million tokens. */
	readonly priceInputMicro: number;
	readonly priceOutputMicro: number;
	readonly contextTokens: number;
	readonly outputTokensMax: number;
	/** Quota micro-tokens that one token of this model costs. */
	readonly weightMicro: number;
};

/** Everything that is switched on, as read from the database; never changed, only replaced. */
export type RouteTable = { readonly routes: readonly Route[] };

/** How a provider is doing, as seen from this node. */
export type ProviderState =
	| { readonly kind: "up" }
	/** Its own limits are reached: calls would wait. */
	| { readonly kind: "busy" }
	/** It asked for a pause (429). */
	| { readonly kind: "cooling"; readonly retryAfterMs: number }
	/** The breaker is open. */
	| { readonly kind: "down" };

export type Health = (providerId: string) => ProviderState;
