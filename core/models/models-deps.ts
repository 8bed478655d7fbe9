import type { AppError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Provider, ProviderTimeouts } from "../providers/provider.ts";
import type { Heartbeats } from "./heartbeats.ts";
import type { LeaseBook } from "./leases/lease-book.ts";
import type { Limiter } from "./limiter/create-limiter.ts";
import type { UsageEntry } from "./model-call.ts";
import type { ProviderHealth } from "./provider-health.ts";
import type { RefundGuard } from "./refund-guard.ts";
import type { RouteSource } from "./route-source.ts";
import type { Route } from "./route-table.ts";

/** Named moments of a call, for the proofs that kill a node there. */
export type CallStep = "after-reserve" | "during-provider";

/** dead: `why` is for the log. */
export type ProviderPulse = { readonly kind: "alive" } | { readonly kind: "dead"; readonly why: string };

/** What one call works with; made once a process by createModels. */
export type ModelsDeps = {
	readonly ledger: Pick<Ledger, "reserve" | "settle" | "heartbeat" | "balance">;
	/** Quota this node holds beside its calls: what an account lacks may lie there. */
	readonly leases?: Pick<LeaseBook, "take" | "recall">;
	/** True: calls are paid from leases where there are any. */
	readonly takesLeases?: boolean;
	readonly routes: Pick<RouteSource, "current" | "apiKeyOf">;
	/** Adapters by dialect. */
	readonly providers: ReadonlyMap<string, Provider>;
	readonly limiter: Limiter;
	readonly health: ProviderHealth;
	readonly refundGuard: RefundGuard;
	readonly heartbeats: Heartbeats;
	readonly timeouts: ProviderTimeouts;
	/** Asked before each call to a provider that can say whether it lives; undefined: this one cannot. Never throws. */
	readonly askHealth?: (provider: Route["provider"]) => Promise<ProviderPulse> | undefined;
	/** Writes the row of a call that failed; those that delivered are written with their answer. */
	readonly recordUsage: (entry: UsageEntry) => Promise<void>;
	/** What we survive, for the log. */
	readonly onTrouble: (message: string, error: unknown) => void;
	/** A call that was sent failed or was cut, for the log. */
	readonly onFailure?: (route: Route, error: AppError) => void;
	readonly onStep?: (step: CallStep) => void;
};
