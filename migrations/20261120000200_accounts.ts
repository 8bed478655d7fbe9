import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table accounts (
			id bigint generated always as identity primary key,
			status text not null default 'active' check (status in ('active', 'banned', 'deleted')),
			language text not null default 'en' check (language in ('en', 'zh-CN', 'ru')),
			policy text not null default 'BEST' check (policy in ('BEST', 'CHEAP', 'CN_OK')),
			-- provider ids in the account's own order (plans with custom_order)
			route_order text[] not null default '{}',
			onboarded_at timestamptz,
			created_at timestamptz not null default clock_timestamp(),
			deleted_at timestamptz
		);
		create table senders (
			platform text not null,
			bot_id text not null,
			user_id text not null,
			account_id bigint references accounts,
			display_name text,
			reachable boolean not null default true,
			is_staff boolean not null default false,
			created_at timestamptz not null default clock_timestamp(),
			primary key (platform, bot_id, user_id)
		);
		create index senders_account on senders (account_id);
		create table subscriptions (
			id bigint generated always as identity primary key,
			account_id bigint not null references accounts,
			plan_id text not null references plans,
			-- overrides the plan's figure where the plan leaves it to the admin
			daily_tokens bigint check (daily_tokens between 0 and 1000000000),
			state text not null default 'active' check (state in ('active', 'ended')),
			starts_at timestamptz not null default clock_timestamp(),
			-- null: for as long as the account lives
			ends_at timestamptz,
			source text not null,
			external_id text,
			created_at timestamptz not null default clock_timestamp(),
			unique (source, external_id)
		);
		create unique index subscriptions_one_active on subscriptions (account_id) where state = 'active';
		create index subscriptions_ending on subscriptions (ends_at) where state = 'active' and ends_at is not null;
		create table api_keys (
			-- public half of the key, shown in lists
			id text primary key,
			account_id bigint not null references accounts,
			-- SHA-256 of the whole key (at least 112 bits of entropy: a plain hash is enough, ASVS 6.5.2)
			hash bytea not null unique,
			created_at timestamptz not null default clock_timestamp(),
			revoked_at timestamptz
		);
		create index api_keys_account on api_keys (account_id);
		create table bind_codes (
			id bigint generated always as identity primary key,
			-- SHA-256 of pepper and code
			hash bytea not null unique,
			purpose text not null check (purpose in ('plan', 'link')),
			plan_id text references plans,
			-- months of the plan; null: for as long as the account lives
			plan_months smallint check (plan_months between 1 and 120),
			-- link: the account the redeemer joins
			account_id bigint references accounts,
			issued_by_account_id bigint references accounts,
			expires_at timestamptz not null,
			used_at timestamptz,
			used_by_account_id bigint references accounts,
			revoked_at timestamptz,
			created_at timestamptz not null default clock_timestamp(),
			check ((purpose = 'plan') = (plan_id is not null)),
			check (purpose <> 'link' or account_id is not null)
		);
		create index bind_codes_issuer on bind_codes (issued_by_account_id, expires_at) where used_at is null;
		-- wrong guesses, counted a chat and globally (scope '*'); rows older than a day are swept
		create table bind_attempts (
			id bigint generated always as identity primary key,
			scope text not null,
			at timestamptz not null default clock_timestamp()
		);
		create index bind_attempts_scope on bind_attempts (scope, at);
		-- an unfinished dialogue of one sender: onboarding, confirmations. version: optimistic lock between chat lane and fast lane
		create table dialogues (
			platform text not null,
			bot_id text not null,
			user_id text not null,
			kind text not null,
			state jsonb not null,
			version integer not null default 1,
			updated_at timestamptz not null default clock_timestamp(),
			primary key (platform, bot_id, user_id, kind)
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table dialogues, bind_attempts, bind_codes, api_keys, subscriptions, senders, accounts;
	`);
}
