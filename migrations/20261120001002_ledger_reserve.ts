import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- Takes p_wanted, at least p_minimum, from the account's live buckets, soonest-ending first. The caller holds the account's
		-- lock. kind: reserved, insufficient (amount: what is free), unknown, or the state of the reservation that has the id already.
		create function ledger_hold(p_id uuid, p_account bigint, p_minimum bigint, p_wanted bigint, p_ttl_ms bigint, p_now timestamptz,
			out kind text, out amount bigint)
		language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		declare
			v_left bigint;
			v_take bigint;
			v_lines integer;
			v_bucket bigint;
			b record;
		begin
			select r.state, r.amount_micro into kind, amount from ledger_reservations r where r.id = p_id;
			if found then
				return;
			end if;
			if not exists (select from ledger_accounts a where a.account_id = p_account) then
				kind := 'unknown';
				amount := 0;
				return;
			end if;
			perform ledger_open_day(p_account, p_now);
			select coalesce(sum(x.granted_micro - x.posted_micro - x.pending_micro), 0) into amount
				from ledger_buckets x where x.account_id = p_account and x.ends_at > p_now and x.starts_at <= p_now;
			if amount < p_minimum or amount = 0 then
				kind := 'insufficient';
				return;
			end if;
			kind := 'reserved';
			amount := least(amount, p_wanted);
			v_left := amount;
			v_lines := 0;
			for b in
				select x.id, x.granted_micro - x.posted_micro - x.pending_micro as free
				from ledger_buckets x
				where x.account_id = p_account and x.ends_at > p_now and x.starts_at <= p_now
					and x.granted_micro - x.posted_micro - x.pending_micro > 0
				order by x.ends_at, x.id
			loop
				v_take := least(v_left, b.free);
				update ledger_buckets set pending_micro = pending_micro + v_take where id = b.id;
				insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
					values (p_now, 'pending', p_account, b.id, p_id, v_take);
				v_bucket := b.id;
				v_lines := v_lines + 1;
				if v_lines > 1 or v_take < v_left then
					insert into ledger_lines (reservation_id, bucket_id, amount_micro) values (p_id, b.id, v_take);
				end if;
				v_left := v_left - v_take;
				exit when v_left = 0;
			end loop;
			insert into ledger_reservations (id, account_id, bucket_id, amount_micro, expires_at, created_at)
				values (p_id, p_account, case when v_lines = 1 then v_bucket end, amount,
					p_now + p_ttl_ms * interval '1 millisecond', p_now);
		end $$;

		-- Many reservations in one statement. What one bucket covers as wanted (the usual case) is done set by set; the rest one by
		-- one in the order asked. Answers JSON of that rest only: [[position from 1, kind, amount], ...]; '' when all were held as wanted.
		-- The joins are written so that only lookups by key are possible: a plan made while the tables were small stays right.
		create function ledger_reserve(p_ids uuid[], p_accounts bigint[], p_minimums bigint[], p_wanteds bigint[], p_ttls_ms bigint[])
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
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function ledger_reserve(uuid[], bigint[], bigint[], bigint[], bigint[]);
		drop function ledger_hold(uuid, bigint, bigint, bigint, bigint, timestamptz);
	`);
}
