import type { Knex } from "knex";

export type SubscriptionRow = {
	readonly subscriptionId: string;
	readonly accountId: string;
	readonly planId: string;
	readonly dailyTokens: number;
	readonly endsAt: Date | undefined;
	/** False: its time is over, whatever its state says. */
	readonly live: boolean;
};

const COLUMNS = `s.id, s.account_id, s.plan_id, coalesce(s.daily_tokens, p.daily_tokens, 0) as daily_tokens, s.ends_at,
	s.ends_at is null or s.ends_at > now() as live`;

/** Serialises changes of an account's subscription, senders, keys and codes. @returns its status; undefined: no such account. */
export async function lockAccount(
	trx: Knex,
	accountId: string,
): Promise<"active" | "banned" | "deleted" | undefined> {
	const { rows } = await trx.raw<{ rows: { status: "active" | "banned" | "deleted" }[] }>(
		"select status from accounts where id = ? for no key update",
		[accountId],
	);
	return rows[0]?.status;
}

export async function findActiveSubscription(
	db: Knex,
	accountId: string,
): Promise<SubscriptionRow | undefined> {
	const { rows } = await db.raw<{ rows: Row[] }>(
		`select ${COLUMNS} from subscriptions s join plans p on p.id = s.plan_id where s.account_id = ? and s.state = 'active'`,
		[accountId],
	);
	return rows[0] === undefined ? undefined : toSubscription(rows[0]);
}

/** The subscription that one purchase made, whatever became of it. */
export async function findSubscriptionByPurchase(
	db: Knex,
	source: string,
	externalId: string,
): Promise<SubscriptionRow | undefined> {
	const { rows } = await db.raw<{ rows: Row[] }>(
		`select ${COLUMNS} from subscriptions s join plans p on p.id = s.plan_id where s.source = ? and s.external_id = ?`,
		[source, externalId],
	);
	return rows[0] === undefined ? undefined : toSubscription(rows[0]);
}

export async function endActiveSubscription(trx: Knex, accountId: string): Promise<void> {
	await trx.raw(
		`update subscriptions set state = 'ended', ends_at = least(coalesce(ends_at, now()), now())
		where account_id = ? and state = 'active'`,
		[accountId],
	);
}

/** `startsAt`: months are counted from here where it is later than now; the subscription itself counts at once. */
export async function insertSubscription(
	trx: Knex,
	subscription: {
		readonly accountId: string;
		readonly planId: string;
		/** Undefined: the plan's own figure. */
		readonly dailyTokens: number | undefined;
		/** Undefined: for as long as the account lives. */
		readonly months: number | undefined;
		readonly countFrom: Date | undefined;
		readonly source: string;
		readonly externalId: string | undefined;
	},
): Promise<{ readonly subscriptionId: string; readonly endsAt: Date | undefined }> {
	const { rows } = await trx.raw<{ rows: { id: string; ends_at: Date | null }[] }>(
		`insert into subscriptions (account_id, plan_id, daily_tokens, ends_at, source, external_id)
		values (:accountId, :planId, :dailyTokens,
			greatest(now(), :countFrom::timestamptz) + make_interval(months => :months::integer), :source, :externalId)
		returning id, ends_at`,
		{
			accountId: subscription.accountId,
			planId: subscription.planId,
			dailyTokens: subscription.dailyTokens ?? null,
			months: subscription.months ?? null,
			countFrom: subscription.countFrom ?? null,
			source: subscription.source,
			externalId: subscription.externalId ?? null,
		},
	);
	const [row] = rows;
	if (row === undefined) throw new Error("an insert without conflict clause returns its row");
	return { subscriptionId: row.id, endsAt: row.ends_at ?? undefined };
}

/** Accounts whose paid time is over, longest over first. */
export async function listEndedAccounts(db: Knex, limit: number): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { account_id: string }[] }>(
		"select account_id from subscriptions where state = 'active' and ends_at <= now() order by ends_at limit ?",
		[limit],
	);
	return rows.map((row) => row.account_id);
}

type Row = {
	id: string;
	account_id: string;
	plan_id: string;
	daily_tokens: string;
	ends_at: Date | null;
	live: boolean;
};

function toSubscription(row: Row): SubscriptionRow {
	return {
		subscriptionId: row.id,
		accountId: row.account_id,
		planId: row.plan_id,
		dailyTokens: Number(row.daily_tokens),
		endsAt: row.ends_at ?? undefined,
		live: row.live,
	};
}
