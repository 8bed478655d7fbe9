import type { Knex } from "knex";
import type { Platform } from "../pipeline/message.ts";

/** A turn that is under way in a lane. The body tells, through the channel's toInbound, whose it is. */
export type RunningTurn = {
	readonly inboxId: string;
	readonly platform: Platform;
	readonly botId: string;
	readonly eventId: string;
	readonly body: unknown;
};

const INBOX_ID = /^[1-9]\d{0,17}$/;

/** True for what may be an inbox id; anything else would only be an error of the database. */
export function isInboxId(text: string): boolean {
	return INBOX_ID.test(text);
}

/**
 * Asks for a turn to stop, wherever it runs: its node aborts the turn's signal with "stopped". A turn that waits is stopped as
 * soon as it starts. False when it has its answer already, or was asked before.
 */
export async function requestStop(db: Knex, inboxId: string): Promise<boolean> {
	if (!isInboxId(inboxId)) return false;
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`with asked as (
			update inbox set stop_requested_at = clock_timestamp()
			where id = ? and status = 'ready' and checkpointed_at is null and stop_requested_at is null returning id
		)
		select pg_notify('rockpool_stop', id::text) from asked`,
		[inboxId],
	);
	return rows.length > 0;
}

/** What runs in this lane at the moment, on any node; undefined when nothing does. */
export async function findRunningTurn(db: Knex, lane: string): Promise<RunningTurn | undefined> {
	const { rows } = await db.raw<{ rows: RunningTurn[] }>(
		`select i.id as "inboxId", i.platform, i.bot_id as "botId", i.event_id as "eventId", i.body
		from inbox i join lanes l on l.lane = i.lane
		where i.lane = ? and i.status = 'ready' and i.attempts > 0 and i.checkpointed_at is null
			and l.lease_until > clock_timestamp()
		order by i.id limit 1`,
		[lane],
	);
	return rows[0];
}
