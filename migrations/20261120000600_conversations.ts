import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table conversations (
			lane text primary key,
			account_id bigint not null references accounts,
			agent_id text,
			-- messages before this id are forgotten (/new)
			starts_after_id bigint not null default 0,
			updated_at timestamptz not null default clock_timestamp()
		);
		create index conversations_account on conversations (account_id);
		create table conversation_messages (
			id bigint generated always as identity primary key,
			lane text not null references conversations on delete cascade,
			inbox_id bigint not null,
			role text not null check (role in ('user', 'assistant')),
			content text not null,
			tokens integer not null check (tokens >= 0),
			created_at timestamptz not null default clock_timestamp(),
			unique (inbox_id, role)
		);
		create index conversation_messages_lane on conversation_messages (lane, id desc);
		create table usage_log (
			id bigint generated always as identity primary key,
			account_id bigint not null references accounts,
			inbox_id bigint,
			-- one row a model call that was sent; the reservation it was charged to
			reservation_id uuid not null unique,
			channel text not null,
			source text not null check (source in ('chat', 'gateway', 'heartbeat', 'cron', 'sub_agent')),
			agent_id text,
			provider_id text not null,
			model text not null,
			region text not null,
			policy text not null,
			input_tokens bigint not null check (input_tokens >= 0),
			output_tokens bigint not null check (output_tokens >= 0),
			tokens_origin text not null check (tokens_origin in ('reported', 'counted')),
			charged_micro bigint not null check (charged_micro >= 0),
			first_token_ms integer,
			latency_ms integer not null,
			outcome text not null check (outcome in ('complete', 'stopped', 'cut', 'failed', 'refused')),
			error_code text,
			created_at timestamptz not null default clock_timestamp()
		);
		create index usage_log_account on usage_log (account_id, created_at desc);
		create index usage_log_inbox on usage_log (inbox_id) where inbox_id is not null;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table usage_log, conversation_messages, conversations;
	`);
}
