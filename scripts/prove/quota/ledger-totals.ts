import type { Knex } from "knex";

export type LedgerTotals = {
	readonly violations: number;
	readonly pending: number;
	/** Accounts whose buckets show another sum than their reservations. */
	readonly unbalanced: number;
	readonly expired: number;
	/** Settled after their time was over. */
	readonly late: number;
	/** Settled with more than the account had. */
	readonly overruns: number;
	readonly overrunTokens: number;
	/** What the house's journal rows sum up to. */
	readonly houseTokens: number;
};

/** Sums over the whole database, each from another side than the view `violations` has it. */
export async function readTotals(db: Knex): Promise<LedgerTotals> {
	const { rows } = await db.raw<{ rows: LedgerTotals[] }>(`
		with spent as (
			select account_id, sum(posted_micro) as posted, sum(pending_micro) as pending from ledger_buckets group by account_id
		), charged as (
			select account_id, sum(charged_micro) as charged,
				sum(amount_micro) filter (where state = 'pending') as held
			from ledger_reservations group by account_id
		), ends as (
			select reservation_id from ledger_journal where kind = 'expire' group by reservation_id
		)
		select (select count(*) from violations)::integer as violations,
			(select count(*) from ledger_reservations where state = 'pending')::integer as pending,
			(select count(*) from spent full join charged using (account_id)
				where coalesce(posted, 0) <> coalesce(charged, 0) or coalesce(pending, 0) <> coalesce(held, 0))::integer as unbalanced,
			(select count(*) from ends)::integer as expired,
			(select count(*) from ends e join ledger_reservations r on r.id = e.reservation_id where r.state = 'posted')::integer as late,
			(select count(*) from ledger_reservations where overrun_micro > 0)::integer as overruns,
			(select coalesce(sum(overrun_micro), 0) / 1000000 from ledger_reservations)::float8 as "overrunTokens",
			(select coalesce(sum(overrun_micro), 0) / 1000000 from ledger_house)::float8 as "houseTokens"
	`);
	const [totals] = rows;
	if (totals === undefined) throw new Error("sums without a row");
	return totals;
}

/** Deadlocks the server has resolved in this database. */
export async function countDeadlocks(db: Knex): Promise<number> {
	const { rows } = await db.raw<{ rows: { deadlocks: string }[] }>(
		"select deadlocks from pg_stat_database where datname = current_database()",
	);
	return Number(rows[0]?.deadlocks);
}
