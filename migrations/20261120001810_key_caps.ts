import type { Knex } from "knex";

/**
 * What keys with caps of their own have spent, and what calls under way hold of it. One row lock a key; whoever moves tokens of
 * accounts too takes the accounts' locks first. Time is the ledger's clock.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table api_key_spending (
			key_id text primary key references api_keys on delete cascade,
			-- of the day of the account's zone, and of the hour, that end then; over: nothing was spent since
			day_ends_at timestamptz not null default '-infinity',
			day_micro bigint not null default 0 check (day_micro >= 0),
			hour_ends_at timestamptz not null default '-infinity',
			-- of calls nobody asked for
			idle_micro bigint not null default 0 check (idle_micro >= 0)
			-- room for HOT: changes with every call
		) with (fillfactor = 50);
		create table api_key_holds (
			-- the reservation's own
			id uuid primary key,
			key_id text not null references api_key_spending on delete cascade,
			amount_micro bigint not null check (amount_micro > 0),
			is_idle boolean not null,
			-- the day and the hour it is charged to, however long the call takes
			day_ends_at timestamptz not null,
			hour_ends_at timestamptz not null,
			-- counts until then; its charge is taken also later
			expires_at timestamptz not null
		);
		create index api_key_holds_key on api_key_holds (key_id);
		create index api_key_holds_expired on api_key_holds (expires_at);

		create function key_caps_lock(p_keys text[]) returns void language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		begin
			perform from api_key_spending where key_id = any (p_keys) order by key_id for no key update;
		end $$;

		-- Holds what is free of p_wanted, at least p_minimum. The caller holds the key's lock.
		-- kind: held (again, when the id holds already), daily or idle (that cap has not enough left), gone (no such live key).
		create function key_caps_hold_one(p_id uuid, p_key text, p_minimum bigint, p_wanted bigint, p_is_idle boolean, p_ttl_ms bigint,
			p_now timestamptz, out kind text, out amount bigint, out resets_at timestamptz)
		language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		declare
			s api_key_spending;
			k record;
			v_day_left bigint;
			v_idle_left bigint;
		begin
			select h.amount_micro into amount from api_key_holds h where h.id = p_id and h.key_id = p_key;
			if found then
				kind := 'held';
				return;
			end if;
			select y.daily_cap_micro, y.idle_cap_micro, l.zone into k
				from api_keys y left join ledger_accounts l on l.account_id = y.account_id
				where y.id = p_key and y.revoked_at is null and (y.expires_at is null or y.expires_at > p_now);
			if not found then
				kind := 'gone';
				return;
			end if;
			select * into strict s from api_key_spending x where x.key_id = p_key;
			if s.day_ends_at <= p_now or s.hour_ends_at <= p_now then
				if s.day_ends_at <= p_now then
					s.day_micro := 0;
					s.day_ends_at := upper(ledger_day_bounds(coalesce(k.zone, 'UTC'), p_now));
				end if;
				if s.hour_ends_at <= p_now then
					s.idle_micro := 0;
					s.hour_ends_at := date_trunc('hour', p_now) + interval '1 hour';
				end if;
				update api_key_spending x
					set day_micro = s.day_micro, day_ends_at = s.day_ends_at, idle_micro = s.idle_micro, hour_ends_at = s.hour_ends_at
					where x.key_id = p_key;
			end if;
			select k.daily_cap_micro - s.day_micro - coalesce(sum(h.amount_micro) filter (where h.day_ends_at = s.day_ends_at), 0),
					k.idle_cap_micro - s.idle_micro
						- coalesce(sum(h.amount_micro) filter (where h.is_idle and h.hour_ends_at = s.hour_ends_at), 0)
				into v_day_left, v_idle_left
				from api_key_holds h where h.key_id = p_key and h.expires_at > p_now;
			if v_day_left < greatest(p_minimum, 1) then
				kind := 'daily';
				resets_at := s.day_ends_at;
				return;
			elsif p_is_idle and v_idle_left < greatest(p_minimum, 1) then
				kind := 'idle';
				resets_at := s.hour_ends_at;
				return;
			end if;
			kind := 'held';
			amount := least(p_wanted, v_day_left, case when p_is_idle then v_idle_left end);
			insert into api_key_holds (id, key_id, amount_micro, is_idle, day_ends_at, hour_ends_at, expires_at)
				values (p_id, p_key, amount, p_is_idle, s.day_ends_at, s.hour_ends_at, p_now + p_ttl_ms * interval '1 millisecond');
		end $$;

		-- Many holds in one statement, one by one in the order asked.
		create function key_caps_hold(p_ids uuid[], p_keys text[], p_minimums bigint[], p_wanteds bigint[], p_idles boolean[],
			p_ttls_ms bigint[])
		returns table (place bigint, kind text, amount bigint, resets_at timestamptz)
		language plpgsql
		as $$
		declare
			v_now timestamptz;
		begin
			insert into api_key_spending (key_id)
				select k.id from api_keys k
				where k.id = any (p_keys) and not exists (select from api_key_spending x where x.key_id = k.id)
				order by k.id on conflict do nothing;
			perform key_caps_lock(p_keys);
			-- after the wait for the locks
			v_now := ledger_now();
			for i in 1 .. cardinality(p_ids) loop
				place := i;
				select o.kind, o.amount, o.resets_at into kind, amount, resets_at
					from key_caps_hold_one(p_ids[i], p_keys[i], p_minimums[i], p_wanteds[i], p_idles[i], p_ttls_ms[i], v_now) o;
				return next;
			end loop;
		end $$;

		-- Ends holds with what their calls came to; answers how many. An id that holds nothing is passed over.
		create function key_caps_settle(p_ids uuid[], p_charges bigint[]) returns integer language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		declare
			v_done integer;
		begin
			perform key_caps_lock(array(select h.key_id from api_key_holds h where h.id = any (p_ids)));
			with gone as (
				delete from api_key_holds h using unnest(p_ids, p_charges) u (id, charge)
				where h.id = u.id returning h.key_id, h.day_ends_at, h.hour_ends_at, h.is_idle, u.charge
			), sums as (
				select g.key_id, coalesce(sum(g.charge) filter (where g.day_ends_at = s.day_ends_at), 0)::bigint as day,
					coalesce(sum(g.charge) filter (where g.is_idle and g.hour_ends_at = s.hour_ends_at), 0)::bigint as idle
				from gone g join api_key_spending s on s.key_id = g.key_id group by g.key_id
			), moved as (
				update api_key_spending s set day_micro = s.day_micro + x.day, idle_micro = s.idle_micro + x.idle
				from sums x where s.key_id = x.key_id and x.day + x.idle > 0
			)
			select count(*) into v_done from gone;
			return v_done;
		end $$;

		create function key_caps_extend(p_ids uuid[], p_ttl_ms bigint) returns void language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		begin
			perform key_caps_lock(array(select h.key_id from api_key_holds h where h.id = any (p_ids)));
			update api_key_holds h set expires_at = greatest(h.expires_at, ledger_now() + p_ttl_ms * interval '1 millisecond')
				where h.id = any (p_ids);
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function key_caps_extend(uuid[], bigint);
		drop function key_caps_settle(uuid[], bigint[]);
		drop function key_caps_hold(uuid[], text[], bigint[], bigint[], boolean[], bigint[]);
		drop function key_caps_hold_one(uuid, text, bigint, bigint, boolean, bigint, timestamptz);
		drop function key_caps_lock(text[]);
		drop table api_key_holds, api_key_spending;
	`);
}
