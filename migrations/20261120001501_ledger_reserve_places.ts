import type { Knex } from "knex";

const RESERVE = `
		-- Many reservations in one statement. What one bucket covers as wanted (the usual case) is done set by set; the rest one by
		-- one in the order asked. Answers JSON of that rest only: [[position from 1, kind, amount], ...]; '' when all were held as wanted.
		-- The joins are written so that only lookups by key are possible: a plan made while the tables were small stays right.
		-- Accounts are looked up in the index once, for their locks: everything else of the usual case stands where today's rows
		-- stand together, so that it costs the same among a million accounts that sleep.
		create or replace function ledger_reserve(p_ids uuid[], p_accounts bigint[], p_minimums bigint[], p_wanteds bigint[], p_ttls_ms bigint[])
		returns text language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		set enable_bitmapscan = off set jit = off
		as $$
		declare
			v_now timestamptz;
			v_due bigint[];
			v_places tid[];
			v_dailies bigint[];
			v_has_opened boolean := false;
			v_rest bigint[];
			v_position bigint;
			v_account bigint;
			v_answer jsonb := '[]';
			v_one record;
		begin
			loop
				v_now := ledger_now();
				select array_agg(l.place order by u.position),
					array_agg(case when l.others_until <= v_now then l.day_bucket_id end order by u.position),
					array_agg(distinct u.account_id) filter (where l.day_ends_at <= v_now and l.daily_grant_micro > 0)
					into v_places, v_dailies, v_due
				from (
					select account_id, position from unnest(p_accounts) with ordinality as x (account_id, position) order by account_id
				) u
				left join lateral (
					select a.ctid as place, a.day_bucket_id, a.others_until, a.day_ends_at, a.daily_grant_micro
					from ledger_accounts a where a.account_id = u.account_id for no key update
				) l on true;
				exit when v_due is null or v_has_opened;
				foreach v_account in array v_due loop
					perform ledger_open_day(v_account, ledger_now());
				end loop;
				v_has_opened := true;
			end loop;
			-- after the wait for the locks
			v_now := ledger_now();
			begin
				with plan as materialized (
					select i.position, i.id, i.account_id, i.account_place, i.wanted, i.ttl_ms, b.bucket_id, b.place
					from (
						select u.*, sum(u.wanted) over (partition by u.account_id) as total
						from unnest(p_ids, p_accounts, p_wanteds, p_ttls_ms, v_places, v_dailies) with ordinality
							as u (id, account_id, wanted, ttl_ms, account_place, daily_id, position)
					) i
					left join lateral (
						select f.id as bucket_id, f.place
						from (
							(
								-- alone it is first in the order
								select d.id, d.ctid as place, d.granted_micro - d.posted_micro - d.pending_micro as free
								from ledger_buckets d
								where d.id = i.daily_id and d.account_id = i.account_id and d.ends_at > v_now and d.starts_at <= v_now
									and d.granted_micro - d.posted_micro - d.pending_micro > 0
							)
							union all
							(
								select x.id, x.ctid as place, x.granted_micro - x.posted_micro - x.pending_micro as free
								from ledger_buckets x
								where x.account_id = i.account_id and x.ends_at > v_now and x.starts_at <= v_now
									and x.granted_micro - x.posted_micro - x.pending_micro > 0
								order by x.ends_at, x.id limit 1
							)
							limit 1
						) f
						where f.free >= i.total
					) b on true
				), moved as (
					update ledger_buckets b set pending_micro = b.pending_micro + s.total
					from (select place, sum(wanted)::bigint as total from plan where bucket_id is not null group by place) s
					where b.ctid = s.place
				), held as (
					insert into ledger_reservations (id, account_id, account_place, bucket_id, amount_micro, expires_at, created_at)
					select id, account_id, account_place, bucket_id, wanted, v_now + ttl_ms * interval '1 millisecond', v_now
					from plan where bucket_id is not null
				), noted as (
					insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
					select v_now, 'pending', account_id, bucket_id, id, wanted from plan where bucket_id is not null
				)
				select array_agg(position order by position) filter (where bucket_id is null) into v_rest from plan;
			exception when unique_violation then
				-- an id that was used before, or twice in this batch: rare, and cheaper than to look for it every time
				v_rest := array(select generate_series(1, cardinality(p_ids)));
			end;
			if v_rest is null then
				return '';
			end if;
			foreach v_position in array v_rest loop
				select * into v_one from ledger_hold(p_ids[v_position], p_accounts[v_position], p_minimums[v_position],
					p_wanteds[v_position], p_ttls_ms[v_position], v_now);
				v_answer := v_answer || jsonb_build_array(jsonb_build_array(v_position, v_one.kind, v_one.amount));
			end loop;
			return v_answer::text;
		end $$;
	`;

const RESERVE_BEFORE = `
		-- Many reservations in one statement. What one bucket covers as wanted (the usual case) is done set by set; the rest one by
		-- one in the order asked. Answers JSON of that rest only: [[position from 1, kind, amount], ...]; '' when all were held as wanted.
		-- The joins are written so that only lookups by key are possible: a plan made while the tables were small stays right.
		create or replace function ledger_reserve(p_ids uuid[], p_accounts bigint[], p_minimums bigint[], p_wanteds bigint[], p_ttls_ms bigint[])
		returns text language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		set enable_bitmapscan = off set jit = off
		as $$
		declare
			v_now timestamptz;
			v_due bigint[];
			v_rest bigint[];
			v_position bigint;
			v_account bigint;
			v_answer jsonb := '[]';
			v_one record;
		begin
			select array_agg(a.account_id) filter (where a.day_ends_at <= ledger_now() and a.daily_grant_micro > 0) into v_due
			from (
				select account_id, day_ends_at, daily_grant_micro from ledger_accounts
				where account_id = any (p_accounts) order by account_id for no key update
			) a;
			-- after the wait for the locks
			v_now := ledger_now();
			if v_due is not null then
				foreach v_account in array v_due loop
					perform ledger_open_day(v_account, v_now);
				end loop;
			end if;
			begin
				with plan as materialized (
					select i.position, i.id, i.account_id, i.wanted, i.ttl_ms, b.bucket_id, b.place
					from (
						select u.*, sum(u.wanted) over (partition by u.account_id) as total
						from unnest(p_ids, p_accounts, p_wanteds, p_ttls_ms) with ordinality as u (id, account_id, wanted, ttl_ms, position)
					) i
					left join lateral (
						select f.id as bucket_id, f.place
						from (
							select x.id, x.ctid as place, x.granted_micro - x.posted_micro - x.pending_micro as free
							from ledger_buckets x
							where x.account_id = i.account_id and x.ends_at > v_now and x.starts_at <= v_now
								and x.granted_micro - x.posted_micro - x.pending_micro > 0
							order by x.ends_at, x.id limit 1
						) f
						where f.free >= i.total
					) b on true
				), moved as (
					update ledger_buckets b set pending_micro = b.pending_micro + s.total
					from (select place, sum(wanted)::bigint as total from plan where bucket_id is not null group by place) s
					where b.ctid = s.place
				), held as (
					insert into ledger_reservations (id, account_id, bucket_id, amount_micro, expires_at, created_at)
					select id, account_id, bucket_id, wanted, v_now + ttl_ms * interval '1 millisecond', v_now
					from plan where bucket_id is not null
				), noted as (
					insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
					select v_now, 'pending', account_id, bucket_id, id, wanted from plan where bucket_id is not null
				)
				select array_agg(position order by position) filter (where bucket_id is null) into v_rest from plan;
			exception when unique_violation then
				-- an id that was used before, or twice in this batch: rare, and cheaper than to look for it every time
				v_rest := array(select generate_series(1, cardinality(p_ids)));
			end;
			if v_rest is null then
				return '';
			end if;
			foreach v_position in array v_rest loop
				select * into v_one from ledger_hold(p_ids[v_position], p_accounts[v_position], p_minimums[v_position],
					p_wanteds[v_position], p_ttls_ms[v_position], v_now);
				v_answer := v_answer || jsonb_build_array(jsonb_build_array(v_position, v_one.kind, v_one.amount));
			end loop;
			return v_answer::text;
		end $$;
	`;

/** A reservation finds its account once and from there the day's bucket, as long as that is the only one. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(RESERVE);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(RESERVE_BEFORE);
}
