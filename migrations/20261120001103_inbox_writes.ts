import type { Knex } from "knex";

/**
 * Plans must not depend on how full a table was when a connection first called the function. Rows are therefore always named by
 * "key = any (array)", which leaves the planner nothing but the key's index.
 */
const PLANNED_ONCE = `language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off`;

/**
 * Locks the lanes of the items and answers the places ("n") of those whose lease still holds. Lanes that will be given back are
 * locked for writing; the others FOR KEY SHARE, which keeps a claim away and lets new events in.
 */
const HELD = `
	create function lanes_held(p_items jsonb, out held integer[]) ${PLANNED_ONCE} as $$
	declare
		v_ending text[];
		v_going text[];
	begin
		select array_agg(x.lane) filter (where x.finish is not null), array_agg(x.lane) filter (where x.finish is null)
			into v_ending, v_going from jsonb_to_recordset(p_items) x (lane text, finish text);
		if v_ending is not null then
			perform 1 from lanes l where l.lane = any (v_ending) order by l.lane collate "C" for no key update;
		end if;
		if v_going is not null then
			perform 1 from lanes l where l.lane = any (v_going) order by l.lane collate "C" for key share;
		end if;
		select coalesce(array_agg(x.n), '{}') into held
			from jsonb_to_recordset(p_items) x (n integer, lane text, token bigint)
			join lanes l on l.lane = x.lane
			where l.lane = any (v_ending || v_going) and l.token = x.token and l.lease_until > clock_timestamp();
	end $$`;

/**
 * Gives the lanes of the items p_places back and answers the places whose lane has more to do at once. finish: 'done' ends
 * the event, 'later' leaves it at the head, 'handback' also takes this attempt off its count. The caller holds the locks.
 */
const RELEASE = `
	create function lanes_release(p_items jsonb, p_places integer[], out due integer[]) ${PLANNED_ONCE} as $$
	declare
		v_done bigint[];
		v_undone bigint[];
		v_lanes text[];
	begin
		select array_agg(x.id) filter (where x.finish = 'done'), array_agg(x.id) filter (where x.finish = 'handback'),
				array_agg(x.lane)
			into v_done, v_undone, v_lanes
			from jsonb_to_recordset(p_items) x (n integer, id bigint, lane text, finish text)
			where x.finish is not null and x.n = any (p_places);
		due := '{}';
		if v_lanes is null then return; end if;
		update inbox i set status = i.ends_as, done_at = clock_timestamp() where i.id = any (v_done);
		if v_undone is not null then
			update inbox i set attempts = greatest(i.attempts - 1, 0) where i.id = any (v_undone) and i.checkpointed_at is null;
		end if;
		with given as (
			update lanes l set owner = null, lease_until = '-infinity',
				waiting = greatest(l.waiting - x.done, 0),
				has_work = l.waiting > x.done,
				overflow_at = case when l.waiting > x.done then l.overflow_at end,
				paced_until = greatest(l.paced_until, x.started) + x.cost,
				next_at = greatest(clock_timestamp() + x.delay, greatest(l.paced_until, x.started) + x.cost - x.burst)
			from (
				select r.n, r.lane, (r.finish = 'done')::integer as done,
					coalesce(r."delayMs", 0) * interval '1 millisecond' as delay,
					coalesce(r."costMs", 0) * interval '1 millisecond' as cost,
					-- null for a turn that said nothing: the pace is not asked then (greatest ignores null)
					r."burstMs" * interval '1 millisecond' as burst,
					case when r."costMs" > 0 then clock_timestamp() - coalesce(r."elapsedMs", 0) * interval '1 millisecond'
						else '-infinity' end as started
				from jsonb_to_recordset(p_items) r (
					n integer, lane text, finish text, "delayMs" bigint, "costMs" bigint, "burstMs" bigint, "elapsedMs" bigint)
				where r.finish is not null and r.n = any (p_places)
			) x
			where l.lane = any (v_lanes) and l.lane = x.lane
			returning x.n, l.has_work and l.next_at <= clock_timestamp() as is_due
		)
		select coalesce(array_agg(g.n) filter (where g.is_due), '{}') into due from given g;
	end $$`;

/**
 * Fenced writes of delivery: states of outbox parts, and the ends of turns. codes, one an item in order:
 * 0 the lease is lost and nothing was written, 1 written, 2 written and the lane has more to do at once.
 */
const ADVANCE = `
	create function inbox_advance(p_items jsonb, out codes integer[]) ${PLANNED_ONCE} as $$
	declare
		v_held integer[] := lanes_held(p_items);
		v_due integer[];
	begin
		insert into outbox as o (inbox_id, part, state, message_id, last_error)
			select x.id, x.part, x.state, x."messageId", x.error
			from jsonb_to_recordset(p_items) x (n integer, id bigint, part smallint, state text, "messageId" text, error text)
			where x.part is not null and x.n = any (v_held)
			on conflict (inbox_id, part) do update set state = excluded.state,
				message_id = coalesce(excluded.message_id, o.message_id),
				last_error = coalesce(excluded.last_error, o.last_error),
				attempts = least(o.attempts + (excluded.last_error is not null)::integer, 1000);
		v_due := lanes_release(p_items, v_held);
		select array_agg((x.n = any (v_held))::integer + (x.n = any (v_due))::integer order by x.n) into codes
			from jsonb_to_recordset(p_items) x (n integer);
	end $$`;

/**
 * The answers and their outbox parts, once an event. Codes as of inbox_advance, and 3: an earlier try of the same checkpoint was
 * committed, its answer counts.
 */
const CHECKPOINT = `
	create function inbox_checkpoint(p_items jsonb, out codes integer[]) ${PLANNED_ONCE} as $$
	declare
		v_held integer[] := lanes_held(p_items);
		v_ids bigint[] := array(select x.id from jsonb_to_recordset(p_items) x (id bigint));
		v_written integer[];
		v_due integer[];
	begin
		with written as (
			update inbox i set result = x.result, checkpointed_at = clock_timestamp(), ends_as = coalesce(x."endsAs", i.ends_as)
			from jsonb_to_recordset(p_items) x (n integer, id bigint, result jsonb, "endsAs" text)
			where i.id = any (v_ids) and i.id = x.id and x.n = any (v_held) and i.checkpointed_at is null
			returning x.n
		)
		select coalesce(array_agg(w.n), '{}') into v_written from written w;
		insert into outbox as o (inbox_id, part, content, state)
			select x.id, p.part, p.content, p.state
			from jsonb_to_recordset(p_items) x (n integer, id bigint, parts jsonb)
			cross join lateral jsonb_to_recordset(x.parts) p (part smallint, content jsonb, state text)
			where x.n = any (v_written)
			on conflict (inbox_id, part) do update set content = excluded.content,
				state = case when o.state = 'ph_sent' then o.state else excluded.state end;
		v_due := lanes_release(p_items, v_written);
		-- somebody on another node may wait for these answers
		perform pg_notify('rockpool_result', string_agg(x.id::text, ','))
			from jsonb_to_recordset(p_items) x (n integer, id bigint, announce boolean)
			where x.announce and x.n = any (v_written) having count(*) > 0;
		select array_agg(case
				when x.n = any (v_written) then 1 + (x.n = any (v_due))::integer
				when x.n = any (v_held) then 3 else 0 end order by x.n) into codes
			from jsonb_to_recordset(p_items) x (n integer);
	end $$`;

export async function up(knex: Knex): Promise<void> {
	await knex.raw(HELD);
	await knex.raw(RELEASE);
	await knex.raw(ADVANCE);
	await knex.raw(CHECKPOINT);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function inbox_checkpoint(jsonb);
		drop function inbox_advance(jsonb);
		drop function lanes_release(jsonb, integer[]);
		drop function lanes_held(jsonb);
	`);
}
