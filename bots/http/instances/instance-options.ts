import type { RouterContext } from "@koa/router";
import type { Core } from "../../../core/core.ts";
import type { RequestState } from "../middleware/request-id.ts";
import type { InstanceRef } from "./instance-types.ts";

export type InstanceRoutesOptions = {
	readonly core: Pick<Core, "authenticateKey" | "instances">;
	readonly supportUrl: string | undefined;
	readonly stopSignal: AbortSignal;
	readonly limits: InstanceLimits;
	/** Monotonic milliseconds, for the rate limit. */
	readonly nowMs: () => number;
};

export type InstanceLimits = {
	readonly bodyBytesMax: number;
	readonly bodyTimeoutMs: number;
	readonly requestsPerMinute: number;
	readonly storeTimeoutMs: number;
	readonly streamWaitMs: number;
	readonly keepAliveMs: number;
	readonly keyCheckMs: number;
	readonly drainTimeoutMs: number;
};

export type InstanceContext = RouterContext<RequestState>;

/** Who asks, and for which of his instances. */
export type InstanceCaller = { readonly ref: InstanceRef; readonly key: string };
