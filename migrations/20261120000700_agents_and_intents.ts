import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table agents (
			id text primary key check (id ~ '^[a-z0-9-]{1,40}$'),
			-- {"en": ..., "zh-CN": ..., "ru": ...}
			title jsonb not null,
			summary jsonb not null,
			-- the system prompt that makes the agent
			persona text not null,
			enabled boolean not null default true,
			version integer not null default 1
		);
		create table skills (
			id text primary key check (id ~ '^[a-z0-9-]{1,60}$'),
			title jsonb not null,
			summary jsonb not null,
			enabled boolean not null default true
		);
		create table intent_rules (
			id text primary key,
			keywords text[] not null check (cardinality(keywords) > 0),
			agents text[] not null,
			skills text[] not null,
			-- rules of higher weight are offered first
			weight smallint not null default 0,
			enabled boolean not null default true,
			version integer not null default 1
		);
		create table agent_configs (
			account_id bigint not null references accounts,
			agent_id text not null references agents,
			enabled boolean not null default true,
			skills text[] not null default '{}',
			-- the user's own words put before the persona
			custom_soul text check (length(custom_soul) <= 20000),
			created_at timestamptz not null default clock_timestamp(),
			updated_at timestamptz not null default clock_timestamp(),
			primary key (account_id, agent_id)
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table agent_configs, intent_rules, skills, agents;
	`);
}
