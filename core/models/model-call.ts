import type { Settlement } from "../ledger/ledger.ts";
import type { ChatMessage } from "../providers/provider.ts";
import type { Exchange } from "./exchange.ts";

/** Source: RouteRequest of the contract. Users see tiers (smart, economy, China-ready), never a model. */
export type Policy = "BEST" | "CHEAP" | "CN_OK";

/** What a plan says about a call when providers are busy. */
export type BusyStrategy = "lowest_priority" | "low_priority" | "fallback" | "custom_order";

export type CallerPlan = {
	readonly planId: string;
	/** 0 first, 9 last. */
	readonly priority: number;
	/** Calls of the account at a time. */
	readonly concurrency: number;
	readonly busyStrategy: BusyStrategy;
};

export type ModelCallSource = "chat" | "gateway" | "heartbeat" | "cron" | "sub_agent" | "api" | "instance";

/** Sizes of models a client may ask for; each falls to the next smaller one on failure. */
export type ModelSize = "big" | "middle" | "small";

/** Where a call wants to go. Without one the policy decides alone. */
export type RouteTarget =
	/** models: what a size is called in the account's preset; without, the provider table's own sizes count. */
	| {
			readonly kind: "size";
			readonly size: ModelSize;
			readonly models?: Readonly<Record<ModelSize, string>>;
	  }
	/** providerId undefined: whoever has the model. */
	| { readonly kind: "exact"; readonly providerId: string | undefined; readonly model: string };

/** What a call is, whatever is said in it. */
export type CallTerms = {
	readonly accountId: string;
	/** Stable for one attempt of one job (inbox id and attempt); reservation ids are derived from it and the try. */
	readonly callId: string;
	readonly inboxId?: string;
	readonly channel: string;
	readonly source: ModelCallSource;
	readonly agentId?: string;
	readonly plan: CallerPlan;
	readonly policy: Policy;
	/** Provider ids in the account's own order; used with busyStrategy custom_order. */
	readonly routeOrder: readonly string[];
	readonly target?: RouteTarget;
	/** Asked for by the caller; clamped to the model's cap and to what is affordable. */
	readonly outputTokensMax: number;
	/** All tries together; undefined: each has the time of one. */
	readonly callMsMax?: number;
};

/** One model call of one account in the chat. */
export type ModelCallRequest = CallTerms & { readonly messages: readonly ChatMessage[] };

/** A call whose words are the caller's own bytes: the gateway's. */
export type RelayRequest = CallTerms & {
	/** Estimated, without margin. */
	readonly inputTokens: number;
	/** What files may cost beyond it, at most; held as far as the model's context has room for it. */
	readonly documentTokens?: number;
	/** More than this no honest provider can report. */
	readonly inputTokensMax: number;
	/** Places that cannot take it are passed over. */
	readonly dialects?: readonly string[];
	/** Undefined: a chat model. */
	readonly kind?: "embedding";
	/** A second purse that must agree, such as the key's own cap. */
	readonly purse?: Purse;
};

/** Holds and gives back beside the account's quota, under the same reservation. */
export type Purse = {
	/**
	 * @returns micro-tokens that may be spent, at most `wantedMicro`
	 * @throws AppError when it does not have `minimumMicro`: the call ends with it
	 */
	hold(request: {
		readonly reservationId: string;
		readonly wantedMicro: number;
		readonly minimumMicro: number;
	}): Promise<number>;
	/** Of a try that came to nothing. Never throws. */
	giveBack(reservationId: string): Promise<void>;
};

export type ModelCallObserver = {
	/** Text as it comes. Once it was called, no other provider is tried. */
	onText(text: string): void;
};

/**
 * The end of a call that delivered something. Nothing is charged yet: the caller commits `settlement` and `usage` together
 * with the answer, in one transaction.
 */
export type CallResult = {
	/** stopped: the user's wish. cut: the provider broke off after delivering text. length: the output limit was reached. */
	readonly outcome: "complete" | "length" | "stopped" | "cut";
	readonly route: { readonly provider: string; readonly model: string; readonly region: string };
	readonly settlement: Settlement;
	readonly usage: UsageEntry;
	/** Where it was paid from a lease: it is told instead of settling; `settlement` names no reservation then. */
	readonly share?: LeaseShare;
};

export type ModelCallResult = CallResult & { readonly text: string };

/** What one call has of a lease. */
export type LeaseShare = {
	/** Once; a second time changes nothing. Without usage nothing was delivered, and nothing is charged or written. */
	end(chargedMicro: number, usage: UsageEntry | undefined): void;
};

/** One row of usage_log, without its account's name or words. */
export type UsageEntry = {
	readonly accountId: string;
	readonly inboxId: string | undefined;
	/** Of a call under a lease its own number, which no reservation has. */
	readonly reservationId: string;
	/** The lease it is charged to, if it is. */
	readonly leaseId?: string;
	readonly channel: string;
	readonly source: ModelCallSource;
	readonly agentId: string | undefined;
	readonly providerId: string;
	readonly model: string;
	readonly region: string;
	readonly policy: Policy;
	readonly inputTokens: number;
	readonly outputTokens: number;
	readonly tokensOrigin: "reported" | "counted";
	readonly chargedMicro: number;
	readonly firstTokenMs: number | undefined;
	readonly latencyMs: number;
	readonly outcome: "complete" | "stopped" | "cut" | "failed" | "refused";
	readonly errorCode: string | undefined;
};

export type Models = {
	/**
	 * reserve -> route -> limit -> call. Tries the next provider only before the first text; each try has a reservation of
	 * its own, and a failed one is voided before the next begins.
	 *
	 * @throws AppError ROUTER_NO_PROVIDER, ROUTER_TIMEOUT, ROUTER_RATE_LIMITED, BILLING_QUOTA_EXCEEDED, REQUEST_INVALID;
	 *   nothing is charged then. Aborting `signal` before any text throws the signal's reason after the reservation was voided.
	 */
	call(
		request: ModelCallRequest,
		signal: AbortSignal,
		observer?: ModelCallObserver,
	): Promise<ModelCallResult>;
	/**
	 * The same path for a call whose words core does not read: `exchange` carries them to each place in turn. What it
	 * delivers is charged by the same table.
	 *
	 * @throws as `call`
	 */
	relay(request: RelayRequest, signal: AbortSignal, exchange: Exchange): Promise<CallResult>;
};
