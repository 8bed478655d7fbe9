import type { Knex } from "knex";

const PLANNED_ONCE = `language plpgsql
	set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off`;

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
		v_lanes text[];
		v_count integer;
	begin
		select array_agg(d.lane) into v_lanes from (
			select l.lane from lanes l
			where l.has_work and l.next_at <= v_now and l.lease_until < v_now
				and (split_part(l.lane, ':', 1) || ':*' = any (p_bots)
					or split_part(l.lane, ':', 1) || ':' || split_part(l.lane, ':', 2) = any (p_bots))
			order by l.next_at limit p_limit for update skip locked
		) d;
		if v_lanes is null then return; end if;
		return query
			with head as (
				select h.id from unnest(v_lanes) u (lane)
				cross join lateral (
					select i.id from inbox i where i.lane = u.lane and i.status = 'ready' order by i.id limit 1
				) h
			), counted as (
				update inbox i set attempts = i.attempts + case when i.checkpointed_at is null then 1 else 0 end
				from head h where i.id = h.id and i.status = 'ready' returning i.*
			), leased as (
				update lanes l set owner = p_owner, token = l.token + 1,
					lease_until = clock_timestamp() + p_ttl_ms * interval '1 millisecond'
				from counted c where l.lane = c.lane returning l.lane, l.token, l.waiting
			)
			select c.id, c.lane, k.token, c.platform, c.bot_id, c.event_id, c.body, c.attempts, c.received_at,
				extract(epoch from v_now - c.received_at)::double precision * 1000, k.waiting, c.ends_as,
				c.stop_requested_at is not null, c.checkpointed_at is not null,
				case when c.attempts > 1 or c.checkpointed_at is not null then (
					select jsonb_agg(jsonb_build_object('part', o.part, 'content', o.content, 'state', o.state,
						'messageId', o.message_id, 'attempts', o.attempts, 'lastError', o.last_error) order by o.part)
					from outbox o where o.inbox_id = c.id
				) end
			from counted c join leased k on k.lane = c.lane;
		get diagnostics v_count = row_count;
		if v_count < cardinality(v_lanes) then
			-- nothing waits there, whatever the counter said
			update lanes l set has_work = false, waiting = 0 where l.lane = any (v_lanes) and l.lease_until < v_now;
		end if;
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
				where l.lane = u.lane and l.token = u.token and l.lease_until > clock_timestamp()
				returning l.lane, u.inbox_id
			)
			select r.lane, i.stop_requested_at is not null from renewed r join inbox i on i.id = r.inbox_id;
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
