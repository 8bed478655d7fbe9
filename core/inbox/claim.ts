import type { Knex } from "knex";
import { runPrepared } from "../db/run-prepared.ts";
import type { LaneHold, OutboxPart } from "../outbox/part.ts";
import type { Platform } from "../pipeline/message.ts";

/** An event whose lane this node has leased, with its attempt already counted and committed. */
export type Claim = LaneHold & {
	readonly platform: Platform;
	readonly botId: string;
	readonly eventId: string;
	/** As accepted; the channel's toInbound reads it. */
	readonly body: unknown;
	/** This one included; does not grow once the answer is stored. */
	readonly attempts: number;
	readonly receivedAt: Date;
	/** Since acceptance, by the database's clock. */
	readonly ageMs: number;
	/** Events of the lane that wait, this one included. */
	readonly waiting: number;
	/** refused: too many waited when it came; it is answered with that. */
	readonly endsAs: "done" | "dead" | "refused";
	readonly isStopRequested: boolean;
	/** The answer is stored: only delivery is left. */
	readonly isCheckpointed: boolean;
	readonly parts: readonly OutboxPart[];
};

export type ClaimRequest = {
	/** UUID of this worker. */
	readonly owner: string;
	/** "platform:botId", or "platform:*". */
	readonly bots: readonly string[];
	readonly ttlMs: number;
	readonly limit: number;
	/** How much suspicion the node has room for, see suspicionOf; all unless told. */
	readonly suspicion?: number;
};

/** What one node works on at a time of events that may have ended a process. */
export const SUSPICION_MAX = 4;

type ClaimRow = {
	readonly inbox_id: string;
	readonly lane: string;
	readonly token: string;
	readonly platform: Platform;
	readonly bot_id: string;
	readonly event_id: string;
	readonly body: unknown;
	readonly attempts: number;
	readonly received_at: Date;
	readonly age_ms: number;
	readonly waiting: number;
	readonly ends_as: Claim["endsAs"];
	readonly stop_requested: boolean;
	readonly checkpointed: boolean;
	readonly parts: readonly Nullable<OutboxPart>[] | null;
};
type Nullable<Row> = { readonly [Key in keyof Row]: Row[Key] | null };

const CLAIM = { name: "inbox_claim", sql: "select * from inbox_claim(?, ?, ?, ?, ?)" };

/** Leases due lanes, oldest first, in one statement. Never waits for a lane somebody else is about to take. */
export async function claimLanes(db: Knex, request: ClaimRequest): Promise<readonly Claim[]> {
	const rows = await runPrepared<ClaimRow>(db, CLAIM, [
		request.owner,
		[...request.bots],
		request.ttlMs,
		request.limit,
		request.suspicion ?? SUSPICION_MAX,
	]);
	return rows.map(toClaim);
}

/**
 * An event that was under way twice and came to no end may be what ended its processes: the likelier, the fewer of its kind are
 * worked on beside it, so that it does not take them with it.
 */
export function suspicionOf({
	attempts,
	isCheckpointed,
}: Pick<Claim, "attempts" | "isCheckpointed">): number {
	return isCheckpointed || attempts <= 2 ? 0 : Math.min(2 ** (attempts - 3), SUSPICION_MAX);
}

/** The stored parts of an answer, in order. */
export async function findParts(db: Knex, inboxId: string): Promise<readonly OutboxPart[]> {
	const rows = await db("outbox")
		.where({ inbox_id: inboxId })
		.orderBy("part")
		.select("part", "content", "state", { messageId: "message_id" }, "attempts", { lastError: "last_error" });
	return (rows as Nullable<OutboxPart>[]).map(toPart);
}

function toClaim(row: ClaimRow): Claim {
	return {
		inboxId: row.inbox_id,
		lane: row.lane,
		token: row.token,
		platform: row.platform,
		botId: row.bot_id,
		eventId: row.event_id,
		body: row.body,
		attempts: row.attempts,
		receivedAt: row.received_at,
		ageMs: row.age_ms,
		waiting: row.waiting,
		endsAs: row.ends_as,
		isStopRequested: row.stop_requested,
		isCheckpointed: row.checkpointed,
		parts: (row.parts ?? []).map(toPart),
	};
}

function toPart(row: Nullable<OutboxPart>): OutboxPart {
	return {
		part: row.part ?? 0,
		content: row.content ?? undefined,
		state: row.state ?? "new",
		messageId: row.messageId ?? undefined,
		attempts: row.attempts ?? 0,
		lastError: row.lastError ?? undefined,
	};
}
