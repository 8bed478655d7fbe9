import type { Knex } from "knex";
import type { AcceptOutcome, InboundEvent } from "../core.ts";
import type { Inbound, Platform, Sender } from "../pipeline/message.ts";
import { isInboxId } from "./stop.ts";

export type ResendDeps = {
	readonly db: Knex;
	accept(event: InboundEvent): Promise<AcceptOutcome>;
	/** Reads a stored event as its channel does; undefined when that channel is not served here. */
	toInbound(event: {
		readonly platform: Platform;
		readonly botId: string;
		readonly eventId: string;
		readonly body: unknown;
	}): Inbound | undefined;
};

/** A resent event was let in once already; it is not refused for a full lane. */
const NO_LIMIT = 1_000_000;

/**
 * Queues a dead-lettered event again, as a new one at the end of its lane. Pressing twice queues once.
 * gone: not this sender's, not dead, too old, or resent and finished already.
 */
export async function resend(deps: ResendDeps, inboxId: string, by: Sender): Promise<"queued" | "gone"> {
	const row = isInboxId(inboxId) ? await findDead(deps.db, inboxId) : undefined;
	if (row === undefined) return "gone";
	const { platform, botId, eventId, lane, bodyJson } = row;
	const sender = deps.toInbound({ platform, botId, eventId, body: JSON.parse(bodyJson) })?.sender;
	if (sender === undefined || !isSame(sender, by)) return "gone";
	const outcome = await deps.accept({
		platform,
		botId,
		eventId: `resend:${inboxId}`,
		lane,
		bodyJson,
		queueMax: NO_LIMIT,
	});
	if (outcome.kind === "new") return "queued";
	const waits = await deps.db("inbox").where({ id: outcome.inboxId, status: "ready" }).first("id");
	return waits === undefined ? "gone" : "queued";
}

type DeadRow = Omit<InboundEvent, "queueMax">;

async function findDead(db: Knex, inboxId: string): Promise<DeadRow | undefined> {
	const { rows } = await db.raw<{ rows: DeadRow[] }>(
		`select platform, bot_id as "botId", event_id as "eventId", lane, body::text as "bodyJson"
		from inbox where id = ? and (status = 'dead' or ends_as = 'dead')`,
		[inboxId],
	);
	return rows[0];
}

function isSame(one: Sender, other: Sender): boolean {
	return one.platform === other.platform && one.botId === other.botId && one.userId === other.userId;
}
