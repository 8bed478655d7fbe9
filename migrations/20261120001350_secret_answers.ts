import type { Knex } from "knex";

/** Answers that hold what is shown once (a key, a code, an export), until they are blanked. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table secret_answers (
			inbox_id bigint primary key references inbox on delete cascade
		);
		-- Blanks the secret replies of finished events in all that is stored of them, and forgets that there were any.
		create function secret_answers_blank(p_ids bigint[]) returns integer language sql as $$
			with gone as (
				delete from secret_answers s using inbox i
				where s.inbox_id = any (p_ids) and i.id = s.inbox_id and i.status <> 'ready' returning s.inbox_id
			), parts as (
				update outbox o set content = null from gone g where o.inbox_id = g.inbox_id and o.content is not null
			), answers as (
				update inbox i set result = jsonb_set(i.result, '{replies}', (
					select coalesce(jsonb_agg(case when r.reply ->> 'secret' = 'true'
						then '{"markdown": "…", "secret": true}' else r.reply end order by r.place), '[]')
					from jsonb_array_elements(i.result -> 'replies') with ordinality r (reply, place)
				))
				from gone g where i.id = g.inbox_id and i.result is not null
			)
			select count(*)::integer from gone
		$$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function secret_answers_blank(bigint[]);
		drop table secret_answers;
	`);
}
