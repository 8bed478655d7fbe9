/** Limits of POST /v1/chat. Sources: requirement S22 of the security page; the rest keeps memory bounded. */
export type ChatLimits = {
	readonly bodyBytesMax: number;
	readonly bodyTimeoutMs: number;
	/** Each key, each node. */
	readonly requestsPerMinute: number;
	/** Waiting messages a conversation may hold. */
	readonly queueMax: number;
	/** How long storing or looking up may take before the caller is told to try again. */
	readonly storeTimeoutMs: number;
	/** How long a JSON request waits for its answer. */
	readonly waitMs: number;
	/** How long a stream may last. */
	readonly streamWaitMs: number;
	readonly keepAliveMs: number;
	/** How often the key of a waiting caller is looked at again. */
	readonly keyCheckMs: number;
	/** How long a stream waits for a client that does not read. */
	readonly drainTimeoutMs: number;
};

export const DEFAULT_CHAT_LIMITS: ChatLimits = {
	bodyBytesMax: 256 * 1024,
	bodyTimeoutMs: 8_000,
	requestsPerMinute: 60,
	queueMax: 20,
	storeTimeoutMs: 10_000,
	waitMs: 120_000,
	streamWaitMs: 600_000,
	keepAliveMs: 15_000,
	keyCheckMs: 10_000,
	drainTimeoutMs: 30_000,
};
