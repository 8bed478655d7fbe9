import type { InstanceDesk } from "./instances/desk.ts";
import type { Inbound, Platform, TurnResult } from "./pipeline/message.ts";
import type { DayUsage } from "./usage/day-usage.ts";

/** The only door of core/: bots and the panel hold one of these. Bound in create-core.ts, which holds no logic. */
export type Core = {
	/** Stores one event of a platform. Resolves after COMMIT: only then may the channel acknowledge. Concurrent calls share a statement. */
	accept(event: InboundEvent): Promise<AcceptOutcome>;
	/** The stored result of a turn, as soon as there is one; undefined when `signal` aborts first. */
	waitForResult(inboxId: string, signal: AbortSignal): Promise<TurnResult | undefined>;
	/** The whole text so far of a turn that runs on this node, each time it grows; returns the unsubscribe function. Best effort. */
	watchText(inboxId: string, onText: (text: string) => void): () => void;
	/** Stops a running turn (the bill too). */
	requestStop(inboxId: string): Promise<void>;
	/** @throws AppError AUTH_INVALID_CREDENTIALS, in the same time whatever is wrong with the key. */
	authenticateKey(key: string): Promise<{ readonly accountId: string; readonly keyId: string }>;
	/** What the account has now, and what it spent on what since its day began. */
	readUsage(accountId: string): Promise<DayUsage>;
	/** Agents of their own that accounts have. */
	readonly instances: InstanceDesk;
	/** True when the database answers and the migrations are in. */
	isReady(): Promise<boolean>;
};

export type InboundEvent = {
	readonly platform: Platform;
	readonly botId: string;
	/** The platform's own id of the event; unique with platform and botId. */
	readonly eventId: string;
	/** Events of one lane are handled in the order of acceptance. */
	readonly lane: string;
	/** The event as the platform sent it, as JSON text without NUL or lone surrogates. The channel's toInbound reads it back. */
	readonly bodyJson: string;
	/** SHA-256 in hex of the event as it came, when not all of it is stored: tells a repeated event from one with a used id. */
	readonly bodyHash?: string;
	/** Waiting events the lane may hold; above it the event is stored as refused. */
	readonly queueMax: number;
};

export type AcceptOutcome = {
	/** conflict: the id was seen with another body; stored under a synthetic id and never executed. refused: the lane is full. */
	readonly kind: "new" | "duplicate" | "conflict" | "refused";
	/** The row that holds the event (for a duplicate: the first one). */
	readonly inboxId: string;
};

/** Lanes by convention: the fast lane of a chat holds what must not wait behind a long answer (buttons, stop, checkout). */
export function toLane(inbound: Pick<Inbound, "chat">, speed: "normal" | "fast"): string {
	const { platform, botId, id, topicId } = inbound.chat;
	const lane = topicId === undefined ? `${platform}:${botId}:${id}` : `${platform}:${botId}:${id}:${topicId}`;
	return speed === "fast" ? `${lane}#fast` : lane;
}
