import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table lanes (
			lane text primary key,
			has_work boolean not null default true,
			next_at timestamptz not null default clock_timestamp(),
			owner uuid,
			token bigint not null default 0,
			lease_until timestamptz not null default '-infinity'
		);
		create index lanes_due on lanes (next_at) where has_work;
		create table inbox (
			id bigint generated always as identity primary key,
			platform text not null,
			bot_id text not null,
			-- the platform's own id of the event: update_id, message id, idempotency key
			event_id text not null,
			lane text not null references lanes,
			body jsonb not null,
			body_hash bytea not null,
			received_at timestamptz not null default clock_timestamp(),
			status text not null default 'ready' check (status in ('ready', 'done', 'dead', 'refused', 'conflict')),
			attempts smallint not null default 0,
			stop_requested_at timestamptz,
			-- what the turn came to (TurnResult); written once, in the transaction that settles and fills the outbox
			result jsonb,
			checkpointed_at timestamptz,
			done_at timestamptz,
			unique (platform, bot_id, event_id)
		);
		create index inbox_waiting on inbox (lane, id) where status = 'ready';
		create index inbox_old on inbox (received_at);
		create table outbox (
			inbox_id bigint not null references inbox on delete cascade,
			part smallint not null,
			-- RenderedPart; null while only the placeholder exists
			content jsonb,
			state text not null default 'new'
				check (state in ('new', 'ph_sending', 'ph_sent', 'sending', 'sent', 'done', 'unknown', 'dead')),
			message_id text,
			attempts smallint not null default 0,
			last_error text,
			primary key (inbox_id, part)
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table outbox, inbox, lanes;
	`);
}
