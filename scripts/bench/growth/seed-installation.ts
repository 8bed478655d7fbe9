import type { Knex } from "knex";
import { FIRST_CHAT_ID } from "../pipeline/questions.ts";
import { bulkLoad } from "./bulk-load.ts";
import { seedTurns, TURN_TABLES } from "./seed-turns.ts";

export type InstallationSize = {
	readonly accounts: number;
	/** Those of them who write, evenly spread. */
	readonly active: number;
	/** Rows of the journal that tell of calls of the last weeks. */
	readonly journal: number;
	/** Telegram's id of the bot they write to. */
	readonly botId: string;
};

const TABLES = [
	"accounts",
	"senders",
	"subscriptions",
	"lanes",
	...TURN_TABLES,
	"ledger_accounts",
	"ledger_buckets",
	"ledger_reservations",
	"ledger_journal",
];
/** Resolved ones are kept for 40 days. */
const HISTORY_DAYS = 38;
const DAILY_MICRO = 500_000_000_000_000;

/**
 * An installation that has been in use for weeks: people with their accounts, chats and plans, who were all here yesterday,
 * the last turn of each of them and the ledger's rows of their calls. The active ones have come back today. Answers their accounts.
 */
export async function seedInstallation(db: Knex, size: InstallationSize): Promise<readonly string[]> {
	await bulkLoad(db, TABLES, async (open) => {
		await seedPeople(open, size);
		await seedTurns(open);
		await seedLedger(open, size);
	});
	await db.raw("vacuum (analyze)");
	const { rows } = await db.raw<{ rows: { account_id: string }[] }>(
		`select account_id from (select account_id, row_number() over (order by account_id) as nth from ledger_accounts) a
		where (nth - 1) % ?::integer = 0 limit ?`,
		[size.accounts / size.active, size.active],
	);
	const active = rows.map((row) => row.account_id);
	await db.raw("select ledger_open_day(id, now()) from unnest(?::bigint[]) x (id)", [
		`{${active.join(",")}}`,
	]);
	return active;
}

async function seedPeople(db: Knex, { accounts, botId }: InstallationSize): Promise<void> {
	await db.raw("insert into accounts (onboarded_at) select now() from generate_series(1, ?::integer)", [
		accounts,
	]);
	await db.raw(
		`insert into senders (platform, bot_id, user_id, account_id, display_name)
		select 'telegram', ?, (?::bigint + row_number() over (order by id) - 1)::text, id, 'Person ' || id from accounts`,
		[botId, FIRST_CHAT_ID],
	);
	await db.raw(
		"insert into subscriptions (account_id, plan_id, source) select id, 'free', 'free' from accounts",
	);
	await db.raw(
		`insert into lanes (lane, has_work) select 'telegram:' || bot_id || ':' || user_id, false from senders`,
	);
}

/** Calls were voided, so that buckets stay as they are: two rows of the journal each. */
async function seedLedger(db: Knex, { accounts, journal }: InstallationSize): Promise<void> {
	await db.raw(
		`insert into ledger_accounts (account_id, zone, daily_grant_micro, day_ends_at)
		select id, 'UTC', ?::bigint, date_trunc('day', now()) from accounts`,
		[DAILY_MICRO],
	);
	await db.raw(
		`insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro)
		select account_id, 'daily', day_ends_at - interval '1 day', day_ends_at, daily_grant_micro from ledger_accounts`,
	);
	await db.raw(
		`insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
		select starts_at, 'grant', account_id, id, granted_micro from ledger_buckets`,
	);
	const calls = Math.trunc(journal / 2);
	await db.raw(
		`insert into ledger_reservations (id, account_id, bucket_id, state, amount_micro, expires_at, created_at, resolved_at)
		select (lpad(to_hex(i), 12, '0') || '8' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid, b.first + i % :accounts,
			b.first + i % :accounts, 'voided', 1, at, at, at
		from generate_series(1, :calls::integer) i
		cross join lateral (
			select md5(i::text) as h, now() - (1 - i::float8 / :calls) * interval '${HISTORY_DAYS} days' as at
		) x
		cross join (select min(id) as first from ledger_buckets) b`,
		{ accounts, calls },
	);
	await db.raw(
		`insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
		select p.created_at, k.kind, p.account_id, p.bucket_id, p.id, k.pending
		from ledger_reservations p cross join (values ('pending', 1), ('void', -1)) k (kind, pending)`,
	);
}
