import type { Knex } from "knex";

/**
 * Plans must not depend on how full a table was when a connection first called the function. Rows are therefore always named by
 * "key = any (array)", which leaves the planner nothing but the key's index.
 */
const PLANNED_ONCE = `language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off`;

/**
 * One event whose lane row the caller has locked, and which the caller has not counted: what is rare is decided here, one by
 * one. A full lane stores the event as refused; the first of a burst goes to the fast lane, where its answer is the notice.
 */
const ACCEPT_ONE = `
	create function inbox_accept_one(
		p_platform text, p_bot text, p_event text, p_lane text, p_body text, p_cap integer, out kind text, out inbox_id bigint
	) ${PLANNED_ONCE} as $$
	declare
		v_hash bytea := sha256(convert_to(p_body, 'UTF8'));
		v_seen bytea;
		v_lane lanes%rowtype;
		v_notice boolean;
	begin
		select i.id, i.body_hash into inbox_id, v_seen from inbox i
			where i.platform = p_platform and i.bot_id = p_bot and i.event_id = p_event;
		if inbox_id is not null then
			kind := case when v_seen = v_hash then 'duplicate' else 'conflict' end;
			if kind = 'conflict' then
				inbox_id := null;
				insert into inbox (platform, bot_id, event_id, lane, body, body_hash, status, done_at)
					values (p_platform, p_bot, 'conflict:' || p_event || ':' || encode(v_hash, 'hex'), p_lane, p_body::jsonb, v_hash,
						'conflict', clock_timestamp())
					on conflict (platform, bot_id, event_id) do update set done_at = excluded.done_at
					returning id into inbox_id;
			end if;
			return;
		end if;
		select * into v_lane from lanes where lane = p_lane;
		kind := case when v_lane.waiting < p_cap then 'new' else 'refused' end;
		v_notice := kind = 'refused' and p_lane not like '%#fast'
			and (v_lane.overflow_at is null or v_lane.overflow_at < clock_timestamp() - interval '10 minutes');
		if v_notice then
			insert into lanes as l (lane, waiting) values (p_lane || '#fast', 0) on conflict (lane) do update set lane = l.lane;
		end if;
		insert into inbox (platform, bot_id, event_id, lane, body, body_hash, status, ends_as, done_at)
			values (p_platform, p_bot, p_event, p_lane || case when v_notice then '#fast' else '' end, p_body::jsonb, v_hash,
				case when kind = 'new' or v_notice then 'ready' else 'refused' end,
				case when v_notice then 'refused' else 'done' end,
				case when kind = 'refused' and not v_notice then clock_timestamp() end)
			on conflict (platform, bot_id, event_id) do nothing returning id into inbox_id;
		if inbox_id is null then
			-- somebody else stored it in this moment, through another lane
			select o.kind, o.inbox_id into kind, inbox_id
				from inbox_accept_one(p_platform, p_bot, p_event, p_lane, p_body, p_cap) o;
			return;
		end if;
		if v_notice then update lanes set overflow_at = clock_timestamp() where lane = p_lane; end if;
		if kind = 'new' or v_notice then
			update lanes set has_work = true, waiting = waiting + 1,
				next_at = case when has_work then next_at else greatest(next_at, clock_timestamp()) end
				where lane = p_lane || case when v_notice then '#fast' else '' end;
		end if;
	end $$`;

/**
 * Stores events in the order given; kinds is null when all are new. Lane rows first, in sorted order: their locks make the
 * order of ids the order of commits inside a lane, on any number of nodes, without deadlocks.
 */
const ACCEPT = `
	create function inbox_accept(
		p_platforms text[], p_bots text[], p_events text[], p_lanes text[], p_bodies text[], p_caps integer[], p_notify boolean,
		out kinds text[], out ids bigint[]
	) ${PLANNED_ONCE} as $$
	declare
		v_full boolean;
		v_new bigint[] := '{}';
		v_item record;
		v_one record;
	begin
		with wanted as (
			select u.lane, count(*)::integer as n, min(u.cap) as cap
			from unnest(p_lanes, p_caps) u (lane, cap) group by u.lane
		), locked as (
			insert into lanes as l (lane, waiting)
			select w.lane, w.n from wanted w order by w.lane collate "C"
			on conflict (lane) do update set has_work = true, waiting = l.waiting + excluded.waiting,
				next_at = case when l.has_work then l.next_at else greatest(l.next_at, clock_timestamp()) end
			returning l.lane, l.waiting
		)
		select bool_or(k.waiting > w.cap) into v_full from locked k join wanted w on w.lane = k.lane;

		if not v_full then
			with stored as (
				insert into inbox (platform, bot_id, event_id, lane, body, body_hash)
				select u.platform, u.bot, u.event, u.lane, u.body::jsonb, sha256(convert_to(u.body, 'UTF8'))
				from unnest(p_platforms, p_bots, p_events, p_lanes, p_bodies) with ordinality
					u (platform, bot, event, lane, body, place)
				order by u.place
				on conflict (platform, bot_id, event_id) do nothing
				returning id
			)
			select coalesce(array_agg(s.id order by s.id), '{}') into v_new from stored s;
		end if;

		if cardinality(v_new) = cardinality(p_lanes) then
			ids := v_new;
		else
			update lanes l set waiting = l.waiting - m.n, has_work = l.waiting - m.n > 0
			from (
				select w.lane, w.n - coalesce(s.n, 0) as n
				from (select u.lane, count(*)::integer as n from unnest(p_lanes) u (lane) group by u.lane) w
				left join (select i.lane, count(*)::integer as n from inbox i where i.id = any (v_new) group by i.lane) s on s.lane = w.lane
			) m where m.lane = l.lane and l.lane = any (p_lanes) and m.n > 0;
			for v_item in
				select u.*, case when row_number() over (partition by u.platform, u.bot, u.event order by u.place) = 1 then i.id end as stored_id
				from unnest(p_platforms, p_bots, p_events, p_lanes, p_bodies, p_caps) with ordinality
					u (platform, bot, event, lane, body, cap, place)
				left join inbox i on i.platform = u.platform and i.bot_id = u.bot and i.event_id = u.event and i.id = any (v_new)
				order by u.place
			loop
				if v_item.stored_id is not null then
					kinds := kinds || 'new'::text;
					ids := ids || v_item.stored_id;
				else
					select o.kind, o.inbox_id into v_one from inbox_accept_one(
						v_item.platform, v_item.bot, v_item.event, v_item.lane, v_item.body, v_item.cap) o;
					kinds := kinds || v_one.kind;
					ids := ids || v_one.inbox_id;
				end if;
			end loop;
		end if;
		if p_notify then perform pg_notify('rockpool_work', ''); end if;
	end $$`;

export async function up(knex: Knex): Promise<void> {
	await knex.raw(ACCEPT_ONE);
	await knex.raw(ACCEPT);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function inbox_accept(text[], text[], text[], text[], text[], integer[], boolean);
		drop function inbox_accept_one(text, text, text, text, text, integer);
	`);
}
