import type { Knex } from "knex";

/**
 * What a person wrote that is as good as a password (a bind code) goes the way of what he was shown once: it is blanked in the
 * stored event when the turn is over. Only a hash of a code is kept.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table secret_answers add column forgets text[] not null default '{}';
		-- The words are taken out wherever they stand; should that leave no JSON, nothing is left of the event.
		create function body_without(p_body jsonb, p_words text[]) returns jsonb language plpgsql immutable as $$
		declare
			v_text text := p_body::text;
			v_word text;
			v_escaped text;
		begin
			foreach v_word in array p_words loop
				v_escaped := to_jsonb(v_word)::text;
				v_text := replace(v_text, substr(v_escaped, 2, length(v_escaped) - 2), '…');
			end loop;
			return v_text::jsonb;
		exception when others then
			return '{}';
		end $$;
		create or replace function secret_answers_blank(p_ids bigint[]) returns integer language sql as $$
			with gone as (
				delete from secret_answers s using inbox i
				where s.inbox_id = any (p_ids) and i.id = s.inbox_id and i.status <> 'ready' returning s.inbox_id, s.forgets
			), parts as (
				update outbox o set content = null from gone g where o.inbox_id = g.inbox_id and o.content is not null
			), events as (
				update inbox i set body = body_without(i.body, g.forgets), result = jsonb_set(i.result, '{replies}', (
					select coalesce(jsonb_agg(case when r.reply ->> 'secret' = 'true'
						then '{"markdown": "…", "secret": true}' else r.reply end order by r.place), '[]')
					from jsonb_array_elements(i.result -> 'replies') with ordinality r (reply, place)
				))
				from gone g where i.id = g.inbox_id
			)
			select count(*)::integer from gone
		$$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		create or replace function secret_answers_blank(p_ids bigint[]) returns integer language sql as $$
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
		drop function body_without(jsonb, text[]);
		alter table secret_answers drop column forgets;
	`);
}
