import type { Knex } from "knex";

/**
 * Plans must not depend on how full a table was when a connection first called the function. Rows are therefore always named by
 * "key = any (array)", which leaves the planner nothing but the key's index.
 */
const PLANNED_ONCE = `language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off`;

const MARK_REFUSED = `if kind = 'refused' and not v_notice then
			insert into secret_answers (inbox_id, forgets) values (inbox_accept_one.inbox_id, null);
		end if;`;

/** As before, but for p_hash, and that what is refused or conflicts is remembered as read by nobody. */
const acceptOne = (isCut: boolean): string => `
	create function inbox_accept_one(
		p_platform text, p_bot text, p_event text, p_lane text, p_body text, ${isCut ? "p_cap integer, p_hash text, out" : "p_cap integer, out"} kind text, out inbox_id bigint
	) ${PLANNED_ONCE} as $$
	declare
		v_hash bytea := ${isCut ? "coalesce(decode(nullif(p_hash, ''), 'hex'), sha256(convert_to(p_body, 'UTF8')))" : "sha256(convert_to(p_body, 'UTF8'))"};
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
				${isCut ? "insert into secret_answers (inbox_id, forgets) values (inbox_accept_one.inbox_id, null) on conflict do nothing;" : ""}
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
				from inbox_accept_one(p_platform, p_bot, p_event, p_lane, ${isCut ? "p_body, p_cap, p_hash) o" : "p_body, p_cap) o"};
			return;
		end if;
		${isCut ? MARK_REFUSED : ""}
		if v_notice then update lanes set overflow_at = clock_timestamp() where lane = p_lane; end if;
		if kind = 'new' or v_notice then
			update lanes set has_work = true, waiting = waiting + 1,
				next_at = case when has_work then next_at else greatest(next_at, clock_timestamp()) end
				where lane = p_lane || case when v_notice then '#fast' else '' end;
		end if;
	end $$`;

/** As before, but for p_hashes. */
const accept = (isCut: boolean): string => `
	create function inbox_accept(
		p_platforms text[], p_bots text[], p_events text[], p_lanes text[], p_bodies text[], p_caps integer[], p_notify boolean,
		${isCut ? "p_hashes text[] default null," : ""}
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
				select u.platform, u.bot, u.event, u.lane, u.body::jsonb,
					${isCut ? "coalesce(decode(nullif(u.hash, ''), 'hex'), sha256(convert_to(u.body, 'UTF8')))" : "sha256(convert_to(u.body, 'UTF8'))"}
				from unnest(p_platforms, p_bots, p_events, p_lanes, p_bodies${isCut ? ", p_hashes" : ""}) with ordinality
					u (platform, bot, event, lane, body${isCut ? ", hash" : ""}, place)
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
				from unnest(p_platforms, p_bots, p_events, p_lanes, p_bodies, p_caps${isCut ? ", p_hashes" : ""}) with ordinality
					u (platform, bot, event, lane, body, cap${isCut ? ", hash" : ""}, place)
				left join inbox i on i.platform = u.platform and i.bot_id = u.bot and i.event_id = u.event and i.id = any (v_new)
				order by u.place
			loop
				if v_item.stored_id is not null then
					kinds := kinds || 'new'::text;
					ids := ids || v_item.stored_id;
				else
					select o.kind, o.inbox_id into v_one from inbox_accept_one(
						v_item.platform, v_item.bot, v_item.event, v_item.lane, v_item.body, v_item.cap${isCut ? ", v_item.hash" : ""}) o;
					kinds := kinds || v_one.kind;
					ids := ids || v_one.inbox_id;
				end if;
			end loop;
		end if;
		if p_notify then perform pg_notify('rockpool_work', ''); end if;
	end $$`;

const refuseBacklog = (isCut: boolean): string => `
	create or replace function inbox_refuse_backlog(
		p_lane text, p_token bigint, p_inbox_id bigint, p_keep integer, p_result jsonb, out refused integer
	) language plpgsql as $$
	declare
		v_ids bigint[];
	begin
		perform 1 from lanes l where l.lane = p_lane and l.token = p_token and l.lease_until > clock_timestamp()
			for no key update;
		if not found then return; end if;
		with gone as (
			update inbox i set status = 'refused', result = p_result, done_at = clock_timestamp()
			where i.lane = p_lane and i.status = 'ready' and i.id > p_inbox_id
			and i.id < (
				select min(k.id) from (
					select n.id from inbox n where n.lane = p_lane and n.status = 'ready' order by n.id desc limit p_keep
				) k
			) returning i.id
		)
		select coalesce(array_agg(g.id), '{}') into v_ids from gone g;
		refused := cardinality(v_ids);
		${isCut ? "insert into secret_answers (inbox_id, forgets) select unnest(v_ids), null on conflict do nothing;" : ""}
		update lanes l set waiting = greatest(l.waiting - refused, 0) where l.lane = p_lane;
	end $$`;

/** What was found in events nobody had read: the words are blanked, and what held none is remembered no longer. */
const READ = `
	create function secret_answers_read(p_found jsonb) returns integer language plpgsql as $$
	declare
		v_ids bigint[];
	begin
		with found as (
			select x.id, array(select jsonb_array_elements_text(x.forgets)) as forgets
			from jsonb_to_recordset(p_found) x (id bigint, forgets jsonb)
		), clean as (
			delete from secret_answers s using found f where s.inbox_id = f.id and s.forgets is null and f.forgets = '{}'
		), told as (
			update secret_answers s set forgets = f.forgets from found f
			where s.inbox_id = f.id and s.forgets is null and f.forgets <> '{}' returning s.inbox_id
		)
		select coalesce(array_agg(t.inbox_id), '{}') into v_ids from told t;
		return secret_answers_blank(v_ids);
	end $$`;

const DROP_OLD = `
	drop function inbox_accept(text[], text[], text[], text[], text[], integer[], boolean);
	drop function inbox_accept_one(text, text, text, text, text, integer);
`;
const DROP_NEW = `
	drop function inbox_accept(text[], text[], text[], text[], text[], integer[], boolean, text[]);
	drop function inbox_accept_one(text, text, text, text, text, integer, text);
`;

/**
 * An event need not be stored as it came: who cuts it gives the hash. Events that end without a turn were read by nobody who
 * could say what they hold that is as good as a password; they are remembered (forgets is null) until a job has read them.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw("alter table secret_answers alter column forgets drop not null");
	await knex.raw("create index secret_answers_unread on secret_answers (inbox_id) where forgets is null");
	await knex.raw(READ);
	await knex.raw(DROP_OLD);
	for (const statement of [acceptOne(true), accept(true), refuseBacklog(true)]) await knex.raw(statement);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(DROP_NEW);
	for (const statement of [acceptOne(false), accept(false), refuseBacklog(false)]) await knex.raw(statement);
	await knex.raw("drop function secret_answers_read(jsonb)");
	await knex.raw("drop index secret_answers_unread");
	await knex.raw("delete from secret_answers where forgets is null");
	await knex.raw("alter table secret_answers alter column forgets set not null");
}
