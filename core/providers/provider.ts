/** What core asks of any model vendor. This file imports no adapter. */
export type Provider = {
	/** The dialect's name, such as "openai". */
	readonly dialect: string;
	/**
	 * Starts one call and yields events as they arrive; exactly one `end` event comes last on success.
	 * Leaving the loop or aborting `signal` cancels the call upstream.
	 *
	 * @throws AppError ROUTER_TIMEOUT (first byte, idle or total time-out), ROUTER_RATE_LIMITED (429; `details.retryAfterMs`),
	 *   ROUTER_NO_PROVIDER (any other failure), REQUEST_INVALID (the provider refuses this very request, 400/413/422).
	 *   Text already yielded before a throw was delivered and is charged.
	 */
	stream(
		endpoint: ProviderEndpoint,
		request: ProviderRequest,
		signal: AbortSignal,
	): AsyncIterable<ProviderEvent>;
};

/** Where and with which key. `apiKey` is plaintext for the time of the call only. */
export type ProviderEndpoint = {
	readonly providerId: string;
	readonly baseUrl: string;
	readonly apiKey: string;
	/** True only for addresses an admin approved by hand (a model on the local network). */
	readonly allowPrivateNetwork: boolean;
	readonly timeouts: ProviderTimeouts;
	/** True: over a connection nobody used before. */
	readonly isFresh?: boolean;
};

export type ProviderTimeouts = {
	readonly connectMs: number;
	readonly firstByteMs: number;
	readonly idleMs: number;
	readonly totalMs: number;
};

export type ChatMessage = { readonly role: "system" | "user" | "assistant"; readonly content: string };

export type ProviderRequest = {
	readonly model: string;
	readonly messages: readonly ChatMessage[];
	/** Always sent: it is what the account can afford. */
	readonly maxOutputTokens: number;
	/** Opaque id of the account for the provider's abuse controls; never a name. */
	readonly userTag?: string;
};

export type ProviderEvent =
	| { readonly kind: "text"; readonly text: string }
	/** `usage` is absent when the provider reported none or nonsense (negative, fractional, text, beyond 2^31). */
	| { readonly kind: "end"; readonly finishReason: FinishReason; readonly usage?: ProviderUsage };

export type FinishReason = "stop" | "length" | "content-filter" | "other" | "cut";

export type ProviderUsage = { readonly inputTokens: number; readonly outputTokens: number };

/** A provider as the environment configures it, with the models it offers; written to the database at each start. */
export type ProviderSeed = {
	/** Lower case, digits and hyphens; shown to nobody but staff and logs. */
	readonly id: string;
	readonly dialect: "openai" | "anthropic" | "demo";
	readonly baseUrl: string;
	readonly region: string;
	/** Empty: the provider asks for none. */
	readonly apiKey: string;
	readonly allowPrivateNetwork: boolean;
	readonly limits?: {
		readonly requestsPerMinute: number;
		readonly tokensPerMinute: number;
		readonly concurrency: number;
	};
	readonly models: readonly ModelSeed[];
};

export type ModelSeed = {
	readonly model: string;
	/** "chat" when absent. */
	readonly kind?: "chat" | "embedding";
	/** 0..100, higher is better. */
	readonly quality: number;
	/** Micro-dollars for a million tokens. */
	readonly priceInputMicro: number;
	readonly priceOutputMicro: number;
	readonly contextTokens: number;
	readonly outputTokensMax: number;
	/** Quota micro-tokens one token costs; 1,000,000 when absent. */
	readonly weightMicro?: number;
};
