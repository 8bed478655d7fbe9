import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create extension if not exists btree_gist;
		-- The one clock of the ledger. Tests replace it to travel in time.
		create function ledger_now() returns timestamptz language sql volatile as 'select clock_timestamp()';
		create table ledger_zones (name text primary key);
		insert into ledger_zones
			select name from pg_timezone_names
			where name !~ '^(posix|right)/' and name not in ('posixrules', 'localtime', 'Factory');
		-- One row lock here serialises everything that moves tokens of the account.
		create table ledger_accounts (
			account_id bigint primary key references accounts,
			zone text not null references ledger_zones,
			-- takes effect when the running daily bucket ends
			zone_next text references ledger_zones,
			zone_changed_at timestamptz,
			daily_grant_micro bigint not null check (daily_grant_micro between 0 and 1000000000000000),
			-- until then no daily bucket is opened: the end of the running one
			day_ends_at timestamptz not null default '-infinity'
		);
		create table ledger_buckets (
			id bigint generated always as identity primary key,
			account_id bigint not null references ledger_accounts,
			kind text not null check (kind in ('daily', 'pack', 'month', 'trial', 'goodwill')),
			starts_at timestamptz not null,
			-- infinity: never
			ends_at timestamptz not null,
			granted_micro bigint not null check (granted_micro >= 0),
			posted_micro bigint not null default 0 check (posted_micro >= 0),
			pending_micro bigint not null default 0 check (pending_micro >= 0),
			-- who granted; with external_id the idempotency key. null for daily ones
			source text,
			external_id text,
			note text,
			created_at timestamptz not null default clock_timestamp(),
			check (starts_at < ends_at),
			check ((source is null) = (external_id is null)),
			constraint ledger_never_overspent check (posted_micro + pending_micro <= granted_micro),
			constraint ledger_one_daily_at_a_time
				exclude using gist (account_id with =, tstzrange(starts_at, ends_at) with &&) where (kind = 'daily')
			-- room for HOT: posted and pending change with every call and are in no index
		) with (fillfactor = 50);
		create index ledger_buckets_burn_order on ledger_buckets (account_id, ends_at, id);
		create unique index ledger_buckets_source on ledger_buckets (source, external_id) where source is not null;
		create table ledger_reservations (
			id uuid primary key,
			account_id bigint not null,
			-- null: it took from several buckets, see ledger_lines
			bucket_id bigint,
			state text not null default 'pending' check (state in ('pending', 'posted', 'voided', 'expired')),
			amount_micro bigint not null check (amount_micro > 0),
			charged_micro bigint not null default 0 check (charged_micro >= 0),
			overrun_micro bigint not null default 0 check (overrun_micro >= 0),
			expires_at timestamptz not null,
			created_at timestamptz not null,
			resolved_at timestamptz,
			check ((state = 'pending') = (resolved_at is null))
		);
		create index ledger_reservations_expiring on ledger_reservations (expires_at) where state = 'pending';
		create index ledger_reservations_old on ledger_reservations using brin (created_at);
		create table ledger_lines (
			reservation_id uuid not null,
			bucket_id bigint not null,
			amount_micro bigint not null check (amount_micro > 0),
			primary key (reservation_id, bucket_id)
		);
		create table ledger_journal (
			id bigint generated always as identity primary key,
			at timestamptz not null,
			kind text not null check (kind in ('pending', 'post', 'void', 'expire', 'extra', 'overrun', 'grant', 'adjust')),
			account_id bigint not null,
			-- null: the house
			bucket_id bigint,
			reservation_id uuid,
			granted_micro bigint not null default 0,
			pending_micro bigint not null default 0,
			posted_micro bigint not null default 0,
			check ((bucket_id is null) = (kind = 'overrun'))
		);
		create function ledger_append_only() returns trigger language plpgsql as $$
		begin
			raise exception 'the journal is append only';
		end $$;
		create trigger ledger_journal_append_only before update or delete or truncate on ledger_journal
			for each statement execute function ledger_append_only();
		create table quota_warnings (
			bucket_id bigint not null references ledger_buckets,
			percent smallint not null check (percent in (80, 95, 100)),
			primary key (bucket_id, percent)
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table quota_warnings, ledger_journal, ledger_lines, ledger_reservations, ledger_buckets, ledger_accounts, ledger_zones;
		drop function ledger_append_only();
		drop function ledger_now();
	`);
}
