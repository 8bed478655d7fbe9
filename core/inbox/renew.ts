import type { Knex } from "knex";
import type { LaneHold } from "../outbox/part.ts";

/** A lease that still holds, and whether the user wants its turn stopped (should the notification have been lost). */
export type Renewed = { readonly lane: string; readonly isStopRequested: boolean };

/** Moves the end of all leases in one statement. A lane that is missing in the answer is lost. */
export async function renewLeases(
	db: Knex,
	holds: readonly LaneHold[],
	ttlMs: number,
): Promise<readonly Renewed[]> {
	const { rows } = await db.raw<{ rows: { lane: string; stop_requested: boolean }[] }>(
		"select * from lanes_renew(?, ?, ?, ?)",
		[
			holds.map((hold) => hold.lane),
			holds.map((hold) => hold.token),
			holds.map((hold) => hold.inboxId),
			ttlMs,
		],
	);
	return rows.map((row) => ({ lane: row.lane, isStopRequested: row.stop_requested }));
}
