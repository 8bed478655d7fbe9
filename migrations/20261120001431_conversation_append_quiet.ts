import type { Knex } from "knex";

const HEAD = `
	create or replace function conversation_append(p_rows jsonb) returns void
	language plpgsql
	set plan_cache_mode = force_generic_plan
	set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
	as $$
	begin`;

const FIELDS = `
	place integer, lane text, "inboxId" bigint, "accountId" bigint, platform text, "botId" text, "userId" text,
	role text, content text, tokens integer`;

/** "on conflict" locks the row it leaves alone: a write to a page far away, for every answer. So rows that are right are only read. */
const QUIET = `${HEAD}
	with x as (
		select r.*, coalesce(r."accountId", s.account_id) as account_id
		from jsonb_to_recordset(p_rows) r (${FIELDS})
		left join lateral (
			select s.account_id from senders s
			where r."accountId" is null and s.platform = r.platform and s.bot_id = r."botId" and s.user_id = r."userId"
		) s on true
	), said as (
		select distinct on (x.lane) x.lane, x.account_id from x where x.account_id is not null order by x.lane, x.place desc
	), opened as (
		insert into conversations as c (lane, account_id)
		select n.lane, n.account_id from said n
		where not exists (
			select from conversations o
			where o.lane = n.lane and o.account_id = n.account_id and o.updated_at >= clock_timestamp() - interval '1 minute'
		)
		order by n.lane
		on conflict (lane) do update set account_id = excluded.account_id, updated_at = clock_timestamp()
	)
	insert into conversation_messages (lane, inbox_id, role, content, tokens, account_id)
	select x.lane, x."inboxId", x.role, x.content, x.tokens, x.account_id
	from x where x.account_id is not null order by x.place
	on conflict (inbox_id, role) do nothing;
	end $$`;

const LOCKING = `${HEAD}
	with x as (
		select r.*, coalesce(r."accountId", s.account_id) as account_id
		from jsonb_to_recordset(p_rows) r (${FIELDS})
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
	end $$`;

export async function up(knex: Knex): Promise<void> {
	await knex.raw(QUIET);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(LOCKING);
}
