import type { Platform, TurnResult } from "../pipeline/message.ts";

/** Settled usage of one source; whole tokens and micro-tokens. */
export type SourceUsage = {
	readonly source: string;
	readonly calls: number;
	readonly inputTokens: number;
	readonly outputTokens: number;
	readonly chargedMicro: number;
};

/** A finished turn of a lane as it was stored, newest first in a list. `body` is read back by its channel's toInbound. */
export type StoredTurn = {
	readonly inboxId: string;
	readonly platform: Platform;
	readonly botId: string;
	readonly eventId: string;
	readonly body: unknown;
	readonly status: "done" | "dead" | "refused" | "conflict";
	readonly result: TurnResult | undefined;
	readonly receivedAt: Date;
	/** A provider broke off in the middle of the answer. */
	readonly cut: boolean;
};
