import type { Knex } from "knex";
import type { LaneHold } from "../outbox/part.ts";
import type { TurnResult } from "../pipeline/message.ts";
import { toStorableJson } from "./storable-json.ts";

/**
 * Refuses what waits between the leased event and the newest `keep` events of its lane.
 *
 * @returns how many were refused; 0 too when the lease is lost
 */
export async function refuseBacklog(
	db: Knex,
	hold: LaneHold,
	keep: number,
	result: TurnResult,
): Promise<number> {
	const { rows } = await db.raw<{ rows: { refused: number | null }[] }>(
		"select * from inbox_refuse_backlog(?, ?, ?, ?, ?)",
		[hold.lane, hold.token, hold.inboxId, keep, toStorableJson(JSON.stringify(result))],
	);
	return rows[0]?.refused ?? 0;
}
