import type { Knex } from "knex";

export type WarningPercent = 80 | 95 | 100;

/**
 * True for the first caller of a (bucket, percent): he says the warning, everyone after him stays silent. Call it in the
 * transaction that commits the answer, so that a warning which was not said is not claimed.
 */
export async function claimWarning(db: Knex, bucketId: string, percent: WarningPercent): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`insert into quota_warnings (bucket_id, percent) values (?::bigint, ?::smallint)
		on conflict do nothing returning 1`,
		[bucketId, percent],
	);
	return rows.length > 0;
}
