import type { Knex } from "knex";

/** Reservations resolved in one statement: it holds their accounts' locks. */
const EXPIRE_BATCH_MAX = 500;
/** Statements of one sweep; what is left comes back with the next one. */
const EXPIRE_BATCHES_MAX = 200;
const PRUNE_BATCH_MAX = 5_000;
const PRUNE_BATCHES_MAX = 200;
/** Longer than any id can come back: the inbox forgets its keys after 30 days. */
const RESERVATION_DAYS = 40;

/** Resolves up to `limit` reservations whose time is over; how many. 0 while another process sweeps. */
export async function expireReservations(db: Knex, limit: number): Promise<number> {
	const { rows } = await db.raw<{ rows: { expired: number }[] }>(
		"select ledger_expire(?::integer) as expired",
		[Math.min(EXPIRE_BATCH_MAX, Math.max(1, Math.trunc(limit)))],
	);
	return rows[0]?.expired ?? 0;
}

/** Resolves all reservations whose time is over, batch by batch; how many. Stops early when `signal` aborts. */
export async function sweepReservations(db: Knex, signal?: AbortSignal): Promise<number> {
	let total = 0;
	for (let batch = 0; batch < EXPIRE_BATCHES_MAX && signal?.aborted !== true; batch += 1) {
		const expired = await expireReservations(db, EXPIRE_BATCH_MAX);
		total += expired;
		if (expired < EXPIRE_BATCH_MAX) break;
	}
	return total;
}

/**
 * Forgets resolved reservations of more than 40 days ago, and learns zones the server's list has gained. How many were
 * forgotten; what they came to stays in the journal.
 */
export async function pruneLedger(db: Knex): Promise<number> {
	await db.raw(
		`insert into ledger_zones select name from pg_timezone_names
		where name !~ '^(posix|right)/' and name not in ('posixrules', 'localtime', 'Factory') on conflict do nothing`,
	);
	return await pruneReservations(db);
}

/** Forgets resolved reservations of more than 40 days ago; how many. */
export async function pruneReservations(db: Knex): Promise<number> {
	let total = 0;
	for (let batch = 0; batch < PRUNE_BATCHES_MAX; batch += 1) {
		const { rows } = await db.raw<{ rows: { pruned: number }[] }>(
			"select ledger_prune(?::integer, ?::integer) as pruned",
			[RESERVATION_DAYS, PRUNE_BATCH_MAX],
		);
		const pruned = rows[0]?.pruned ?? 0;
		total += pruned;
		if (pruned < PRUNE_BATCH_MAX) break;
	}
	return total;
}
