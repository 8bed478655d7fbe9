import type { Knex } from "knex";

const EXPIRED = `
			with done as (
				update ledger_reservations set state = 'expired', resolved_at = v_now
				where id = any (v_ids) and state = 'pending' and expires_at < v_now
				returning id, account_id, bucket_id, amount_micro
			), parts as (
				select id, account_id, bucket_id, amount_micro from done where bucket_id is not null
				union all
				select d.id, d.account_id, l.bucket_id, l.amount_micro
				from done d join ledger_lines l on l.reservation_id = d.id where d.bucket_id is null
			), moved as (
				update ledger_buckets b set pending_micro = b.pending_micro - s.amount
				from (select bucket_id, sum(amount_micro)::bigint as amount from parts group by bucket_id) s
				where b.id = s.bucket_id
			), noted as (
				insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
				select v_now, 'expire', account_id, bucket_id, id, -amount_micro from parts
			)
			select count(*) into v_done from done;`;

/**
 * Leases: reservations a node holds for many calls. Their usage rows name them, a lease of a dead node is charged what its rows
 * say, and a lease is exchanged for what its calls under way still hold.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- The lease a call was charged to; null: it has a reservation of its own, under reservation_id.
		alter table usage_log add column lease_id uuid;
		create index usage_log_lease on usage_log (lease_id) where lease_id is not null;
		-- What usage rows say was spent under a lease, never more than it holds; 0 for every other reservation.
		create function ledger_spent_under(p_id uuid, p_amount bigint) returns bigint language plpgsql stable
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off
		as $$
		begin
			return (select least(coalesce(sum(u.charged_micro), 0), p_amount)::bigint from usage_log u where u.lease_id = p_id);
		end $$;
		-- Gives back what reservations hold whose time is over, and charges of a lease what was spent under it; answers how many.
		-- One sweeper at a time, the others get 0.
		create or replace function ledger_expire(p_limit integer) returns integer language plpgsql as $$
		declare
			v_ids uuid[];
			v_now timestamptz;
			v_done integer;
			v_charged integer := 0;
			v_one record;
		begin
			if not pg_try_advisory_xact_lock(7462301157) then
				return 0;
			end if;
			v_now := ledger_now();
			v_ids := array(
				select id from ledger_reservations where state = 'pending' and expires_at < v_now order by expires_at limit p_limit
			);
			if cardinality(v_ids) = 0 then
				return 0;
			end if;
			perform ledger_lock_accounts_of(v_ids);
			v_now := ledger_now();
			for v_one in
				select r.id, s.spent from ledger_reservations r
				cross join lateral (select ledger_spent_under(r.id, r.amount_micro) as spent) s
				where r.id = any (v_ids) and r.state = 'pending' and r.expires_at < v_now and s.spent > 0
			loop
				perform ledger_settle_one(v_one.id, v_one.spent, v_now);
				v_charged := v_charged + 1;
			end loop;
			${EXPIRED}
			return v_done + v_charged;
		end $$;
		-- Ends a lease with what was spent and holds what its calls under way need under a new one, or does neither. A second time
		-- changes nothing: the new id is there. False: the account has not that much any more, such as after its midnight.
		create function ledger_exchange_lease(p_id uuid, p_spent bigint, p_new_id uuid, p_account bigint, p_amount bigint,
			p_ttl_ms bigint) returns boolean language plpgsql as $$
		begin
			perform from ledger_accounts where account_id = p_account for no key update;
			if exists (select from ledger_reservations where id = p_new_id) then
				return true;
			end if;
			if not exists (select from ledger_reservations where id = p_id and account_id = p_account and state = 'pending') then
				return false;
			end if;
			begin
				perform ledger_settle(array[p_id], array[p_spent]);
				if ledger_reserve(array[p_new_id], array[p_account], array[p_amount], array[p_amount], array[p_ttl_ms]) = '' then
					return true;
				end if;
				if exists (select from ledger_reservations where id = p_new_id and amount_micro = p_amount) then
					return true;
				end if;
				raise exception 'not that much' using errcode = 'RPL01';
			exception when sqlstate 'RPL01' then
				return false;
			end;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function ledger_exchange_lease(uuid, bigint, uuid, bigint, bigint, bigint);
		create or replace function ledger_expire(p_limit integer) returns integer language plpgsql as $$
		declare
			v_ids uuid[];
			v_now timestamptz;
			v_done integer;
		begin
			if not pg_try_advisory_xact_lock(7462301157) then
				return 0;
			end if;
			v_now := ledger_now();
			v_ids := array(
				select id from ledger_reservations where state = 'pending' and expires_at < v_now order by expires_at limit p_limit
			);
			if cardinality(v_ids) = 0 then
				return 0;
			end if;
			perform ledger_lock_accounts_of(v_ids);
			v_now := ledger_now();
			${EXPIRED}
			return v_done;
		end $$;
		drop function ledger_spent_under(uuid, bigint);
		drop index usage_log_lease;
		alter table usage_log drop column lease_id;
	`);
}
