import type { Knex } from "knex";

/** The newest messages of many conversations, each within its own budget of tokens. A function for the reasons of turn_contexts. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create function conversation_history(
			p_lanes text[], p_accounts bigint[], p_starts_after bigint[], p_tokens_max integer[], p_messages_max integer)
		returns table (place bigint, id bigint, role text, content text, tokens integer)
		language plpgsql stable
		set plan_cache_mode = force_generic_plan
		set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		as $$
		begin
			return query
			select k.place, m.id, m.role, m.content, m.tokens
			from unnest(p_lanes, p_accounts, p_starts_after, p_tokens_max) with ordinality k (lane, account_id, starts_after, tokens_max, place)
			cross join lateral (
				select x.id, x.role, x.content, x.tokens, sum(x.tokens) over (order by x.id desc) as total
				from (
					select y.id, y.role, y.content, y.tokens from conversation_messages y
					where y.lane = k.lane and y.account_id = k.account_id and y.id > k.starts_after
					order by y.id desc limit p_messages_max
				) x
			) m
			where m.total <= k.tokens_max
			order by k.place, m.id;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("drop function conversation_history(text[], bigint[], bigint[], integer[], integer)");
}
