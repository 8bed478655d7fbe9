/** Bounds of a gateway request. Sources: requirement S22 of the security page; the rest keeps memory bounded. */
export type GatewayLimits = {
	readonly bodyBytesMax: number;
	readonly bodyTimeoutMs: number;
	/** Requests of all callers under way on this node; more are asked to come back. */
	readonly inFlightMax: number;
	/** How often the key of an open stream is looked at again. */
	readonly keyCheckMs: number;
	/** How long a caller who does not read is waited for. */
	readonly drainTimeoutMs: number;
};

export const DEFAULT_GATEWAY_LIMITS: GatewayLimits = {
	bodyBytesMax: 10 * 1024 * 1024,
	bodyTimeoutMs: 30_000,
	inFlightMax: 5_000,
	keyCheckMs: 10_000,
	drainTimeoutMs: 30_000,
};
