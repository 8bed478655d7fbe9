/** Limits of the listener. Every figure has a default; tests and operators override single ones. */
export type IngressLimits = {
	/** Time for all headers of a request to arrive, else 408. */
	readonly headersTimeoutMs: number;
	/** Backstop for a whole request; bodies have tighter limits of their own where they are read. */
	readonly requestTimeoutMs: number;
	readonly keepAliveTimeoutMs: number;
	/** How often Node looks for late requests: part of the 408 deadline. */
	readonly timeoutCheckMs: number;
	readonly headerBytesMax: number;
	readonly headersMax: number;
	readonly connectionsMax: number;
	/** Time a finished answer may wait for a client that does not read it. */
	readonly flushTimeoutMs: number;
	/** How long stop() lets requests in flight finish by themselves before they are told to come back. */
	readonly stopGraceMs: number;
	/** After that, time for those last words; then sockets are destroyed. */
	readonly stopCutMs: number;
};

export const DEFAULT_INGRESS_LIMITS: IngressLimits = {
	headersTimeoutMs: 8_000,
	requestTimeoutMs: 60_000,
	keepAliveTimeoutMs: 20_000,
	timeoutCheckMs: 1_000,
	headerBytesMax: 16 * 1024,
	headersMax: 100,
	connectionsMax: 10_000,
	flushTimeoutMs: 30_000,
	stopGraceMs: 5_000,
	stopCutMs: 1_500,
};
