import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- Where a reservation's tokens are held, one row a bucket.
		create function ledger_lines_of(p_id uuid) returns table (bucket_id bigint, amount_micro bigint)
		language sql stable as $$
			select r.bucket_id, r.amount_micro from ledger_reservations r where r.id = p_id and r.bucket_id is not null
			union all
			select l.bucket_id, l.amount_micro from ledger_lines l where l.reservation_id = p_id
		$$;

		-- One settlement in full: several buckets, more than was held, after expiry, a second time. The caller holds the account's
		-- lock. kind: settled, unknown, or the state the reservation ended in before.
		create function ledger_settle_one(p_id uuid, p_actual bigint, p_now timestamptz,
			out kind text, out charged bigint, out overrun bigint)
		language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		declare
			r ledger_reservations;
			b record;
			v_left bigint := p_actual;
			v_use bigint;
		begin
			select * into r from ledger_reservations where id = p_id;
			if not found then
				kind := 'unknown';
				return;
			elsif r.state in ('posted', 'voided') or (r.state = 'expired' and p_actual = 0) then
				kind := r.state;
				charged := r.charged_micro;
				overrun := r.overrun_micro;
				return;
			end if;
			if r.state = 'pending' then
				for b in
					select l.bucket_id, l.amount_micro from ledger_lines_of(p_id) l join ledger_buckets x on x.id = l.bucket_id
					order by x.ends_at, x.id
				loop
					v_use := least(v_left, b.amount_micro);
					update ledger_buckets
						set pending_micro = pending_micro - b.amount_micro, posted_micro = posted_micro + v_use where id = b.bucket_id;
					insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro, posted_micro)
						values (p_now, case when v_use > 0 then 'post' else 'void' end, r.account_id, b.bucket_id, p_id, -b.amount_micro, v_use);
					v_left := v_left - v_use;
				end loop;
			end if;
			if v_left > 0 then
				perform ledger_open_day(r.account_id, p_now);
				for b in
					select x.id, x.granted_micro - x.posted_micro - x.pending_micro as free
					from ledger_buckets x
					where x.account_id = r.account_id and x.ends_at > p_now and x.starts_at <= p_now
						and x.granted_micro - x.posted_micro - x.pending_micro > 0
					order by x.ends_at, x.id
				loop
					v_use := least(v_left, b.free);
					update ledger_buckets set posted_micro = posted_micro + v_use where id = b.id;
					insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, posted_micro)
						values (p_now, 'extra', r.account_id, b.id, p_id, v_use);
					v_left := v_left - v_use;
					exit when v_left = 0;
				end loop;
			end if;
			if v_left > 0 then
				insert into ledger_journal (at, kind, account_id, reservation_id, posted_micro)
					values (p_now, 'overrun', r.account_id, p_id, v_left);
			end if;
			kind := 'settled';
			charged := p_actual - v_left;
			overrun := v_left;
			update ledger_reservations
				set state = case when p_actual = 0 then 'voided' else 'posted' end, charged_micro = charged, overrun_micro = overrun,
					resolved_at = p_now
				where id = p_id;
		end $$;

		-- Locks the accounts of reservations, in id order: everyone who moves tokens does it in this order, so nobody waits in a circle.
		create function ledger_lock_accounts_of(p_ids uuid[]) returns void language plpgsql
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
		as $$
		begin
			perform from ledger_accounts
				where account_id = any (array(select account_id from ledger_reservations where id = any (p_ids)))
				order by account_id for no key update;
		end $$;

		-- Many settlements in one statement. What is within its reservation of one bucket (the usual case) is done set by set; the rest
		-- one by one. Answers JSON of that rest only: [[position from 1, kind, charged, overrun], ...]; '' when all were charged as said.
		create function ledger_settle(p_ids uuid[], p_actuals bigint[]) returns text language plpgsql
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
				select * into v_one from ledger_settle_one(p_ids[v_position], p_actuals[v_position], v_now);
				v_answer := v_answer || jsonb_build_array(jsonb_build_array(v_position, v_one.kind, v_one.charged, v_one.overrun));
			end loop;
			return v_answer::text;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function ledger_settle(uuid[], bigint[]);
		drop function ledger_lock_accounts_of(uuid[]);
		drop function ledger_settle_one(uuid, bigint, timestamptz);
		drop function ledger_lines_of(uuid);
	`);
}
