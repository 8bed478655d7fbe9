import type { RenderedPart } from "../channels/channel.ts";

/**
 * With editing: new -> ph_sending -> ph_sent -> (sent: the text is there, its file is not) -> done.
 * Without: new -> sending -> sent, or unknown when nobody can know. dead: this chat or content never will be; kept for /last.
 */
export type PartState = "new" | "ph_sending" | "ph_sent" | "sending" | "sent" | "done" | "unknown" | "dead";

/** One message of an answer, as stored. */
export type OutboxPart = {
	readonly part: number;
	/** Undefined while only the placeholder exists. */
	readonly content: RenderedPart | undefined;
	readonly state: PartState;
	readonly messageId: string | undefined;
	/** Requests of the step it stands at that failed; the next step begins at none. */
	readonly attempts: number;
	readonly lastError: string | undefined;
};

/** The event being worked on and the lease under which it may be written to. */
export type LaneHold = { readonly inboxId: string; readonly lane: string; readonly token: string };

/** A fenced write: the state of one part, the end of the turn, or both in one. */
export type StateWrite = {
	readonly part?: number;
	readonly state?: PartState;
	readonly messageId?: string;
	readonly error?: string;
	/** done: the event is over. later: it stays at the head of its lane. handback: so, and this attempt does not count. */
	readonly finish?: "done" | "later" | "handback";
	/** The lane rests so long. */
	readonly delayMs?: number;
	/** What this turn used of the chat's pace, over elapsedMs, and how much may be ahead. */
	readonly costMs?: number;
	readonly burstMs?: number;
	readonly elapsedMs?: number;
};

/** fenced: the lease is lost, nothing was written. more: written, and the lane has more to do at once. */
export type WriteOutcome = "fenced" | "written" | "more";

/** Many turns' writes share a statement. */
export type WriteState = (hold: LaneHold, write: StateWrite) => Promise<WriteOutcome>;
