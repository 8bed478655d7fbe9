import type { Knex } from "knex";

/**
 * Plans must not depend on how full a table was when a connection first called the function. Rows are therefore always named by
 * "key = any (array)", which leaves the planner nothing but the key's index.
 */
const PLANNED_ONCE = `language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off`;

/**
 * As before, and: an event that was under way twice without an end may be what ended its processes. Of those a node works on a
 * few at a time, and on one alone at its last tries (1, 2, 4 of p_suspicion at the third, fourth, fifth), so that a poison
 * message does not take those with it that were under way beside it. The others' lanes rest a moment, each its own.
 */
const CLAIM = `
	create function inbox_claim(p_owner uuid, p_bots text[], p_ttl_ms integer, p_limit integer, p_suspicion integer default 4)
	returns table (
		inbox_id bigint, lane text, token bigint, platform text, bot_id text, event_id text, body jsonb,
		attempts smallint, received_at timestamptz, age_ms double precision, waiting integer, ends_as text,
		stop_requested boolean, checkpointed boolean, parts jsonb
	) ${PLANNED_ONCE} as $$
	#variable_conflict use_column
	declare
		v_now timestamptz := clock_timestamp();
		v_due text[];
		v_ids bigint[];
		v_lanes text[];
		v_later bigint[];
	begin
		select array_agg(d.lane) into v_due from (
			select l.lane from lanes l
			where l.has_work and l.next_at <= v_now and l.lease_until < v_now
				and (split_part(l.lane, ':', 1) || ':*' = any (p_bots)
					or split_part(l.lane, ':', 1) || ':' || split_part(l.lane, ':', 2) = any (p_bots))
			order by l.next_at limit p_limit for update skip locked
		) d;
		if v_due is null then return; end if;
		-- ordered by the lane too, so that no plan can walk the primary key instead of inbox_waiting
		v_ids := array(select (
			select i.id from inbox i where i.lane = u.lane and i.status = 'ready' order by i.lane, i.id limit 1
		) from unnest(v_due) u (lane));
		select array_agg(s.id) into v_later from (
			select i.id, sum(least(1 << least(i.attempts - 2, 8), 4)) over (order by i.attempts, i.id) as total
			from inbox i where i.id = any (v_ids) and i.attempts > 1 and i.checkpointed_at is null
		) s where s.total > p_suspicion;
		if v_later is not null then
			update lanes l set next_at = clock_timestamp() + (0.25 + random() / 2) * interval '1 second'
				where l.lane = any (array(select i.lane from inbox i where i.id = any (v_later)));
			v_due := array(select unnest(v_due) except select i.lane from inbox i where i.id = any (v_later));
			v_ids := array(select unnest(v_ids) except select unnest(v_later));
		end if;
		with counted as (
			update inbox i set attempts = i.attempts + case when i.checkpointed_at is null then 1 else 0 end
			where i.id = any (v_ids) returning i.lane
		)
		select coalesce(array_agg(c.lane), '{}') into v_lanes from counted c;
		update lanes l set owner = p_owner, token = l.token + 1,
			lease_until = clock_timestamp() + p_ttl_ms * interval '1 millisecond'
			where l.lane = any (v_lanes);
		if cardinality(v_lanes) < cardinality(v_due) then
			-- nothing waits there, whatever the counter said
			update lanes l set has_work = false, waiting = 0 where l.lane = any (v_due) and l.lane <> all (v_lanes);
		end if;
		return query
			select i.id, i.lane, (select l.token from lanes l where l.lane = i.lane), i.platform, i.bot_id, i.event_id, i.body,
				i.attempts, i.received_at, extract(epoch from v_now - i.received_at)::double precision * 1000,
				(select l.waiting from lanes l where l.lane = i.lane), i.ends_as,
				i.stop_requested_at is not null, i.checkpointed_at is not null,
				case when i.attempts > 1 or i.checkpointed_at is not null then (
					select jsonb_agg(jsonb_build_object('part', o.part, 'content', o.content, 'state', o.state,
						'messageId', o.message_id, 'attempts', o.attempts, 'lastError', o.last_error) order by o.part)
					from outbox o where o.inbox_id = i.id
				) end
			from inbox i where i.id = any (v_ids);
	end $$`;

/** Any number at a time. */
const CLAIM_BEFORE = `
	create function inbox_claim(p_owner uuid, p_bots text[], p_ttl_ms integer, p_limit integer)
	returns table (
		inbox_id bigint, lane text, token bigint, platform text, bot_id text, event_id text, body jsonb,
		attempts smallint, received_at timestamptz, age_ms double precision, waiting integer, ends_as text,
		stop_requested boolean, checkpointed boolean, parts jsonb
	) ${PLANNED_ONCE} as $$
	#variable_conflict use_column
	declare
		v_now timestamptz := clock_timestamp();
		v_due text[];
		v_ids bigint[];
		v_lanes text[];
	begin
		select array_agg(d.lane) into v_due from (
			select l.lane from lanes l
			where l.has_work and l.next_at <= v_now and l.lease_until < v_now
				and (split_part(l.lane, ':', 1) || ':*' = any (p_bots)
					or split_part(l.lane, ':', 1) || ':' || split_part(l.lane, ':', 2) = any (p_bots))
			order by l.next_at limit p_limit for update skip locked
		) d;
		if v_due is null then return; end if;
		-- ordered by the lane too, so that no plan can walk the primary key instead of inbox_waiting
		v_ids := array(select (
			select i.id from inbox i where i.lane = u.lane and i.status = 'ready' order by i.lane, i.id limit 1
		) from unnest(v_due) u (lane));
		with counted as (
			update inbox i set attempts = i.attempts + case when i.checkpointed_at is null then 1 else 0 end
			where i.id = any (v_ids) returning i.lane
		)
		select coalesce(array_agg(c.lane), '{}') into v_lanes from counted c;
		update lanes l set owner = p_owner, token = l.token + 1,
			lease_until = clock_timestamp() + p_ttl_ms * interval '1 millisecond'
			where l.lane = any (v_lanes);
		if cardinality(v_lanes) < cardinality(v_due) then
			-- nothing waits there, whatever the counter said
			update lanes l set has_work = false, waiting = 0 where l.lane = any (v_due) and l.lane <> all (v_lanes);
		end if;
		return query
			select i.id, i.lane, (select l.token from lanes l where l.lane = i.lane), i.platform, i.bot_id, i.event_id, i.body,
				i.attempts, i.received_at, extract(epoch from v_now - i.received_at)::double precision * 1000,
				(select l.waiting from lanes l where l.lane = i.lane), i.ends_as,
				i.stop_requested_at is not null, i.checkpointed_at is not null,
				case when i.attempts > 1 or i.checkpointed_at is not null then (
					select jsonb_agg(jsonb_build_object('part', o.part, 'content', o.content, 'state', o.state,
						'messageId', o.message_id, 'attempts', o.attempts, 'lastError', o.last_error) order by o.part)
					from outbox o where o.inbox_id = i.id
				) end
			from inbox i where i.id = any (v_ids);
	end $$`;

export async function up(knex: Knex): Promise<void> {
	await knex.raw("drop function inbox_claim(uuid, text[], integer, integer)");
	await knex.raw(CLAIM);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("drop function inbox_claim(uuid, text[], integer, integer, integer)");
	await knex.raw(CLAIM_BEFORE);
}
