import type { Settlement } from "../ledger/ledger.ts";
import type { UsageEntry } from "../models/model-call.ts";
import type { Inbound, TurnResult } from "./message.ts";

/** One inbound and its answer, while a worker holds its lane. */
export type Turn = {
	readonly inboxId: string;
	readonly lane: string;
	/** 1 for the first attempt; committed before the work begins. */
	readonly attempt: number;
	readonly receivedAt: Date;
	readonly inbound: Inbound;
	/** The stored event, for a channel's own dialogue engine. */
	readonly body: unknown;
	/** Aborted when the user stops the turn (reason "stopped") or the lease may be lost (reason "fenced"). */
	readonly signal: AbortSignal;
	/** Adds a piece to the text that is shown while the answer grows. Cheap; throttled by the delivery side. */
	onText(text: string): void;
};

/** What the pipeline hands back: committed in one transaction, then delivered. */
export type TurnOutcome = {
	readonly result: TurnResult;
	readonly settlements: readonly Settlement[];
	readonly usage: readonly UsageEntry[];
	/** Appended to the lane's conversation; absent for commands and failures. */
	readonly memory?: readonly {
		readonly role: "user" | "assistant";
		readonly content: string;
		readonly tokens: number;
	}[];
	/** Compare-and-set writes of dialogue states that belong to this answer. A lost race repeats the turn. */
	readonly dialogues?: readonly DialogueWrite[];
	/** Toast for a pressed button. */
	readonly toast?: string;
	/** What was written that is as good as a password, such as a bind code: blanked in the stored event once the turn is over. */
	readonly forgets?: readonly string[];
};

/** expectedVersion 0: must not exist yet. state undefined: delete. */
export type DialogueWrite = {
	readonly platform: string;
	readonly botId: string;
	readonly userId: string;
	readonly kind: string;
	readonly expectedVersion: number;
	readonly state: unknown;
};
