import type { Knex } from "knex";

/** What a model is for: a chat is never answered by one that only embeds. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table provider_models
			add column kind text not null default 'chat' check (kind in ('chat', 'embedding'))
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("alter table provider_models drop column kind");
}
