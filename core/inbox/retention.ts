import type { Knex } from "knex";

const ROWS_MAX = 1_000;
const BATCHES_MAX = 500;

/**
 * Deletes finished events (and with them their keys, bodies and outbox parts) older than `days`, in small transactions.
 * Not under 2 days: Telegram repeats updates for 24 h, and without its key a repeated one would be answered again.
 *
 * @returns rows deleted
 */
export async function deleteOldInbox(db: Knex, days: number): Promise<number> {
	return await inBatches(async () => {
		const { rows } = await db.raw<{ rows: unknown[] }>(
			`delete from inbox where id = any (array(
				select id from inbox where received_at < clock_timestamp() - greatest(?::integer, 2) * interval '1 day'
					and status <> 'ready' order by id limit ?
			)) and status <> 'ready' returning 1`,
			[days, ROWS_MAX],
		);
		return { isMore: rows.length === ROWS_MAX, count: rows.length };
	});
}

/**
 * Deletes lanes without events. The row is locked first and looked at by a later statement, so an event that is accepted at
 * this moment is either seen, or finds no lane and makes it anew.
 *
 * @returns lanes deleted
 */
export async function deleteIdleLanes(db: Knex, days: number): Promise<number> {
	let after = "";
	return await inBatches(async () => {
		const { seen, deleted } = await db.transaction(async (trx) => {
			const found = await trx.raw<{ rows: { lane: string }[] }>(
				`select lane from lanes where lane > ? and not has_work and waiting = 0 and lease_until < clock_timestamp()
					and next_at < clock_timestamp() - ?::integer * interval '1 day'
				order by lane limit ? for update skip locked`,
				[after, days, ROWS_MAX],
			);
			const lanes = found.rows.map((row) => row.lane);
			const gone = await trx.raw<{ rows: unknown[] }>(
				`delete from lanes l where l.lane = any (?) and not exists (select 1 from inbox i where i.lane = l.lane) returning 1`,
				[lanes],
			);
			return { seen: lanes, deleted: gone.rows.length };
		});
		after = seen.at(-1) ?? after;
		return { isMore: seen.length === ROWS_MAX, count: deleted };
	});
}

async function inBatches(
	work: () => Promise<{ readonly isMore: boolean; readonly count: number }>,
): Promise<number> {
	let total = 0;
	for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
		const { isMore, count } = await work();
		total += count;
		if (!isMore) break;
	}
	return total;
}
