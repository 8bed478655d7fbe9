import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table plans (
			id text primary key check (id ~ '^[a-z0-9_]{1,40}$'),
			name text not null,
			price_cents integer not null check (price_cents >= 0),
			-- null: set by the admin for each account
			daily_tokens bigint check (daily_tokens between 0 and 1000000000),
			-- calls of one account at a time
			concurrency integer not null check (concurrency between 1 and 100),
			lane_kind text not null check (lane_kind in ('shared', 'own', 'dedicated')),
			-- 0 is served first, 9 last (the scale of Bottleneck)
			priority smallint not null check (priority between 0 and 9),
			busy_strategy text not null check (busy_strategy in ('lowest_priority', 'low_priority', 'fallback', 'custom_order')),
			instance_kind text not null check (instance_kind in ('none', 'shared', 'container', 'dedicated', 'project')),
			-- false: issued by staff only, never offered in the chat
			self_service boolean not null,
			enabled boolean not null default true,
			version integer not null default 1
		);
		insert into plans (id, name, price_cents, daily_tokens, concurrency, lane_kind, priority, busy_strategy, instance_kind, self_service) values
			('free', 'Free', 0, 5000, 1, 'shared', 9, 'lowest_priority', 'none', true),
			('starter_20', 'Starter', 2000, 50000, 2, 'shared', 7, 'low_priority', 'shared', false),
			('pro_40', 'Pro', 4000, 100000, 4, 'own', 4, 'fallback', 'container', false),
			('max_200', 'Max', 20000, 500000, 8, 'dedicated', 1, 'custom_order', 'dedicated', false),
			('team', 'Team', 0, null, 8, 'own', 3, 'custom_order', 'project', false),
			('enterprise', 'Enterprise', 0, null, 16, 'dedicated', 0, 'custom_order', 'project', false);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table plans;
	`);
}
