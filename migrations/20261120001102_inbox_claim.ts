import type { Knex } from "knex";

/**
 * Plans must not depend on how full a table was when a connection first called the function. Rows are therefore always named by
 * "key = any (array)", which leaves the planner nothing but the key's index.
 */
const PLANNED_ONCE = `language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off`;

/**
 * Leases up to p_limit due lanes of the given bots ("platform:bot", or "platform:*") and counts one attempt of each lane's
 * oldest waiting event, committed before anybody works on it. FOR UPDATE, so that a checkpoint that holds the lane FOR KEY
 * SHARE cannot be overtaken. The heads are read by a later statement than the lock: its snapshot sees what the former owner did.
 */
const CLAIM = `
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

/** Moves the end of the leases that are still held, and tells which of their turns the user wants stopped. */
const RENEW = `
	create function lanes_renew(p_lanes text[], p_tokens bigint[], p_inbox_ids bigint[], p_ttl_ms integer)
	returns table (lane text, stop_requested boolean) ${PLANNED_ONCE} as $$
	#variable_conflict use_column
	begin
		perform 1 from lanes l where l.lane = any (p_lanes) order by l.lane collate "C" for no key update;
		return query
			with renewed as (
				update lanes l set lease_until = clock_timestamp() + p_ttl_ms * interval '1 millisecond'
				from unnest(p_lanes, p_tokens, p_inbox_ids) u (lane, token, inbox_id)
				where l.lane = any (p_lanes) and l.lane = u.lane and l.token = u.token and l.lease_until > clock_timestamp()
				returning l.lane, u.inbox_id
			)
			select r.lane, exists (
				select 1 from inbox i where i.id = r.inbox_id and i.stop_requested_at is not null
			) from renewed r;
	end $$`;

export async function up(knex: Knex): Promise<void> {
	await knex.raw(CLAIM);
	await knex.raw(RENEW);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function lanes_renew(text[], bigint[], bigint[], integer);
		drop function inbox_claim(uuid, text[], integer, integer);
	`);
}
