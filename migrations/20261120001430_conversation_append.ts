import type { Knex } from "knex";

/**
 * Appends what was said, once an event and role. A function for the reasons of turn_contexts: it belongs to every checkpoint, and
 * planning it took longer than running it. A conversation that is open already is left alone, but for its account and, once a
 * minute, its time.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create function conversation_append(p_rows jsonb) returns void
		language plpgsql
		set plan_cache_mode = force_generic_plan
		set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		as $$
		begin
			with x as (
				select r.*, coalesce(r."accountId", s.account_id) as account_id
				from jsonb_to_recordset(p_rows) r (
					place integer, lane text, "inboxId" bigint, "accountId" bigint, platform text, "botId" text, "userId" text,
					role text, content text, tokens integer)
				left join senders s on s.platform = r.platform and s.bot_id = r."botId" and s.user_id = r."userId"
			), opened as (
				insert into conversations as c (lane, account_id)
				select distinct on (x.lane) x.lane, x.account_id from x where x.account_id is not null order by x.lane, x.place desc
				on conflict (lane) do update set account_id = excluded.account_id, updated_at = clock_timestamp()
				where c.account_id <> excluded.account_id or c.updated_at < clock_timestamp() - interval '1 minute'
			)
			insert into conversation_messages (lane, inbox_id, role, content, tokens, account_id)
			select x.lane, x."inboxId", x.role, x.content, x.tokens, x.account_id
			from x where x.account_id is not null order by x.place
			on conflict (inbox_id, role) do nothing;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("drop function conversation_append(jsonb)");
}
