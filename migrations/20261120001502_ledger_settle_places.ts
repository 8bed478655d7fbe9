import type { Knex } from "knex";

const SETTLE = `
		-- Many settlements in one statement. What is within its reservation of one bucket (the usual case) is done set by set; the rest
		-- one by one. Answers JSON of that rest only: [[position from 1, kind, charged, overrun], ...]; '' when all were charged as said.
		create or replace function ledger_settle(p_ids uuid[], p_actuals bigint[]) returns text language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		set enable_bitmapscan = off set jit = off
		as $$
		declare
			v_now timestamptz;
			v_places tid[];
			v_accounts bigint[];
			v_account_places tid[];
			v_done bigint[];
			v_position bigint;
			v_answer jsonb := '[]';
			v_one record;
		begin
			select array_agg(r.place order by i.position), array_agg(r.account_id order by i.position),
				array_agg(r.account_place order by i.position)
				into v_places, v_accounts, v_account_places
			from unnest(p_ids) with ordinality as i (id, position)
			left join lateral (
				select x.ctid as place, x.account_id, x.account_place from ledger_reservations x where x.id = i.id limit 1
			) r on true;
			-- Where the reservation saw its account, if it still stands there, else by its key.
			perform from (
				select u.account_id, coalesce(seen.place, found.place) as place
				from (
					select distinct on (x.account_id) x.account_id, x.place from unnest(v_accounts, v_account_places) as x (account_id, place)
					where x.account_id is not null order by x.account_id
				) u
				left join lateral (
					select a.ctid as place from ledger_accounts a where a.ctid = u.place and a.account_id = u.account_id
				) seen on true
				left join lateral (
					-- the limit keeps it from being looked up for all
					select a.ctid as place from ledger_accounts a where seen.place is null and a.account_id = u.account_id limit 1
				) found on true
				order by u.account_id
			) w
			cross join lateral (select from ledger_accounts a where a.ctid = w.place for no key update) l;
			-- after the wait for the locks
			v_now := ledger_now();
			with done as (
				-- by place: a row that was moved meanwhile was resolved meanwhile, and is left to the rest
				update ledger_reservations r
				set state = case when i.actual = 0 then 'voided' else 'posted' end, charged_micro = i.actual, resolved_at = v_now
				from unnest(p_ids, p_actuals, v_places) with ordinality as i (id, actual, place, position)
				where r.ctid = i.place and r.id is not distinct from i.id and r.resolved_at is null and r.bucket_id is not null
					and i.actual <= r.amount_micro
				returning i.position, r.id, r.account_id, r.bucket_id, r.amount_micro as amount, i.actual
			), moved as (
				update ledger_buckets b set pending_micro = b.pending_micro - s.amount, posted_micro = b.posted_micro + s.charged
				from (
					select t.amount, t.charged, x.place
					from (
						select bucket_id, sum(amount)::bigint as amount, sum(actual)::bigint as charged from done group by bucket_id
					) t
					cross join lateral (select y.ctid as place from ledger_buckets y where y.id = t.bucket_id limit 1) x
				) s
				where b.ctid = s.place
			), noted as (
				insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro, posted_micro)
				select v_now, case when actual > 0 then 'post' else 'void' end, account_id, bucket_id, id, -amount, actual from done
			)
			select array_agg(position) into v_done from done;
			if cardinality(v_done) = cardinality(p_ids) then
				return '';
			end if;
			for v_position in
				select n from generate_series(1, cardinality(p_ids)) n where n <> all (coalesce(v_done, '{}')) order by n
			loop
				if v_places[v_position] is null then
					select 'unknown' as kind, null::bigint as charged, null::bigint as overrun into v_one;
				else
					select * into v_one from ledger_settle_one(p_ids[v_position], p_actuals[v_position], v_now);
				end if;
				v_answer := v_answer || jsonb_build_array(jsonb_build_array(v_position, v_one.kind, v_one.charged, v_one.overrun));
			end loop;
			return v_answer::text;
		end $$;
	`;

const SETTLE_BEFORE = `
		-- Many settlements in one statement. What is within its reservation of one bucket (the usual case) is done set by set; the rest
		-- one by one. Answers JSON of that rest only: [[position from 1, kind, charged, overrun], ...]; '' when all were charged as said.
		create or replace function ledger_settle(p_ids uuid[], p_actuals bigint[]) returns text language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		set enable_bitmapscan = off set jit = off
		as $$
		declare
			v_now timestamptz;
			v_places tid[];
			v_accounts bigint[];
			v_done bigint[];
			v_position bigint;
			v_answer jsonb := '[]';
			v_one record;
		begin
			select array_agg(r.place order by i.position), array_agg(r.account_id) into v_places, v_accounts
			from unnest(p_ids) with ordinality as i (id, position)
			left join lateral (
				select x.ctid as place, x.account_id from ledger_reservations x where x.id = i.id limit 1
			) r on true;
			perform from ledger_accounts where account_id = any (v_accounts) order by account_id for no key update;
			-- after the wait for the locks
			v_now := ledger_now();
			with done as (
				-- by place: a row that was moved meanwhile was resolved meanwhile, and is left to the rest
				update ledger_reservations r
				set state = case when i.actual = 0 then 'voided' else 'posted' end, charged_micro = i.actual, resolved_at = v_now
				from unnest(p_ids, p_actuals, v_places) with ordinality as i (id, actual, place, position)
				where r.ctid = i.place and r.id is not distinct from i.id and r.resolved_at is null and r.bucket_id is not null
					and i.actual <= r.amount_micro
				returning i.position, r.id, r.account_id, r.bucket_id, r.amount_micro as amount, i.actual
			), moved as (
				update ledger_buckets b set pending_micro = b.pending_micro - s.amount, posted_micro = b.posted_micro + s.charged
				from (
					select t.amount, t.charged, x.place
					from (
						select bucket_id, sum(amount)::bigint as amount, sum(actual)::bigint as charged from done group by bucket_id
					) t
					cross join lateral (select y.ctid as place from ledger_buckets y where y.id = t.bucket_id limit 1) x
				) s
				where b.ctid = s.place
			), noted as (
				insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro, posted_micro)
				select v_now, case when actual > 0 then 'post' else 'void' end, account_id, bucket_id, id, -amount, actual from done
			)
			select array_agg(position) into v_done from done;
			if cardinality(v_done) = cardinality(p_ids) then
				return '';
			end if;
			for v_position in
				select n from generate_series(1, cardinality(p_ids)) n where n <> all (coalesce(v_done, '{}')) order by n
			loop
				if v_places[v_position] is null then
					select 'unknown' as kind, null::bigint as charged, null::bigint as overrun into v_one;
				else
					select * into v_one from ledger_settle_one(p_ids[v_position], p_actuals[v_position], v_now);
				end if;
				v_answer := v_answer || jsonb_build_array(jsonb_build_array(v_position, v_one.kind, v_one.charged, v_one.overrun));
			end loop;
			return v_answer::text;
		end $$;
	`;

/** A settlement locks the row of its account where the reservation saw it, without a look into the index of all accounts. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(SETTLE);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(SETTLE_BEFORE);
}
