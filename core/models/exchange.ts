import type { AppError } from "../errors.ts";
import type { FinishReason, Provider, ProviderEndpoint, ProviderUsage } from "../providers/provider.ts";
import type { Route } from "./route-table.ts";

/** Where one try of a call goes: everything is reserved and permitted. */
export type Place = {
	readonly route: Route;
	readonly provider: Provider;
	readonly endpoint: ProviderEndpoint;
	/** What is to be sent as the answer's longest length: what is paid for. */
	readonly outputTokensMax: number;
	/** 0 for the first try. */
	readonly number: number;
	readonly signal: AbortSignal;
	/** To be called with the first piece of the answer: the provider works. */
	onFirst(): void;
};

/** What came of one try, however it ended. */
export type Delivered = {
	/** True when the caller got something, be it words or a tool's arguments: then no other place is tried, and it is charged. */
	readonly hasContent: boolean;
	/** Tokens of what was delivered, as we count them; asked for only where the provider does not say. */
	countOutput(): Promise<number>;
	/** The provider cannot honestly report fewer. */
	leastOutput(): number | Promise<number>;
	/** undefined: it did not come to its end. */
	readonly finishReason: FinishReason | undefined;
	readonly usage: ProviderUsage | undefined;
	/** Why it broke; undefined when it ended by itself or was aborted. */
	readonly failure: AppError | undefined;
	readonly isAborted: boolean;
	readonly firstTokenMs: number | undefined;
	readonly latencyMs: number;
};

/** Carries a call to one place and back. Never throws. */
export type Exchange = (place: Place) => Promise<Delivered>;

/** Of a try that delivered nothing. */
export const NOTHING: Delivered = {
	hasContent: false,
	countOutput: async () => 0,
	leastOutput: () => 0,
	finishReason: undefined,
	usage: undefined,
	failure: undefined,
	isAborted: false,
	firstTokenMs: undefined,
	latencyMs: 0,
};
