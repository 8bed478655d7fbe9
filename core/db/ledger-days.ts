import type { Knex } from "knex";

/** When the account's running daily grant ends, by the ledger; in the past (or at the epoch) when none runs. */
export async function findGrantEnd(db: Knex, accountId: string): Promise<Date> {
	const { rows } = await db.raw<{ rows: { ends_at: Date }[] }>(
		"select greatest(day_ends_at, 'epoch') as ends_at from ledger_accounts where account_id = ?",
		[accountId],
	);
	return rows[0]?.ends_at ?? new Date(0);
}

/** True while the account holds tokens somebody paid for beside its daily ones. */
export async function hasPaidTokens(db: Knex, accountId: string): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`select 1 from ledger_buckets where account_id = ? and kind in ('pack', 'month') and ends_at > ledger_now()
			and granted_micro > posted_micro limit 1`,
		[accountId],
	);
	return rows.length > 0;
}

/**
 * A new account gets nothing before `until`, and from then on one grant a day: its first day ends at the first midnight at
 * least 24 hours later, the ledger's own rule for a change of zone. Otherwise leaving and coming back into another zone would
 * be a second grant.
 */
export async function holdGrant(trx: Knex, accountId: string, until: Date): Promise<void> {
	await trx.raw(
		`update ledger_accounts set day_ends_at = greatest(day_ends_at, :until::timestamptz), zone_next = zone
		where account_id = :accountId and :until::timestamptz > ledger_now()`,
		{ accountId, until: until.toISOString() },
	);
}

/** Lets the day begin now where it was held back: who pays does not wait for midnight. A running day stays as it is. */
export async function startDayNow(trx: Knex, accountId: string): Promise<void> {
	await trx.raw(
		`update ledger_accounts a set day_ends_at = ledger_now()
		where account_id = ? and day_ends_at > ledger_now() and not exists (
			select 1 from ledger_buckets b where b.account_id = a.account_id and b.kind = 'daily' and b.ends_at > ledger_now())`,
		[accountId],
	);
}
