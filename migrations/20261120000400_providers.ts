import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table providers (
			id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
			dialect text not null check (dialect in ('openai', 'anthropic', 'demo')),
			base_url text not null,
			region text not null check (region ~ '^[a-z]{2,12}$'),
			secret_id uuid references secrets,
			allow_private_network boolean not null default false,
			enabled boolean not null default true,
			requests_per_minute integer not null default 600 check (requests_per_minute > 0),
			tokens_per_minute integer not null default 2000000 check (tokens_per_minute > 0),
			concurrency integer not null default 64 check (concurrency > 0),
			-- env: written again at each start from the environment; admin: edited in the panel and left alone
			managed_by text not null default 'admin' check (managed_by in ('env', 'admin')),
			version integer not null default 1,
			updated_at timestamptz not null default clock_timestamp()
		);
		create table provider_models (
			provider_id text not null references providers on delete cascade,
			model text not null,
			-- 0..100, higher is better
			quality smallint not null check (quality between 0 and 100),
			-- micro-dollars for a million tokens
			price_input_micro bigint not null check (price_input_micro >= 0),
			price_output_micro bigint not null check (price_output_micro >= 0),
			context_tokens integer not null check (context_tokens > 0),
			output_tokens_max integer not null check (output_tokens_max > 0),
			-- how many quota tokens one token of this model costs, in millionths
			weight_micro integer not null default 1000000 check (weight_micro between 1 and 1000000000),
			enabled boolean not null default true,
			primary key (provider_id, model)
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table provider_models, providers;
	`);
}
