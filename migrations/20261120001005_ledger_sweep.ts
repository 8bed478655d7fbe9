import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create function ledger_heartbeat(p_ids uuid[], p_ttl_ms bigint) returns void language plpgsql as $$
		begin
			perform ledger_lock_accounts_of(p_ids);
			update ledger_reservations
				set expires_at = greatest(expires_at, ledger_now() + p_ttl_ms * interval '1 millisecond')
				where id = any (p_ids) and state = 'pending';
		end $$;
		-- Gives back what reservations hold whose time is over; answers how many. One sweeper at a time, the others get 0.
		create function ledger_expire(p_limit integer) returns integer language plpgsql as $$
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
			select count(*) into v_done from done;
			return v_done;
		end $$;
		-- Forgets resolved reservations older than p_days; answers how many. What they came to stays in the journal.
		create function ledger_prune(p_days integer, p_limit integer) returns integer language plpgsql as $$
		declare
			v_done integer;
		begin
			with old as (
				delete from ledger_reservations where id in (
					select id from ledger_reservations
					where created_at < ledger_now() - p_days * interval '1 day' and resolved_at is not null limit p_limit
				)
				returning id
			), lines as (
				delete from ledger_lines l using old o where l.reservation_id = o.id
			)
			select count(*) into v_done from old;
			return v_done;
		end $$;
		-- Must be empty at any moment: every figure a bucket or a reservation shows is the sum of what the journal says.
		create view violations as
		with by_bucket as (
			select bucket_id, account_id, sum(granted_micro) as granted, sum(pending_micro) as pending, sum(posted_micro) as posted
			from ledger_journal where bucket_id is not null group by bucket_id, account_id
		), by_reservation as (
			select reservation_id,
				sum(pending_micro) as pending,
				sum(pending_micro) filter (where kind = 'pending') as held,
				sum(posted_micro) filter (where kind <> 'overrun') as charged,
				sum(posted_micro) filter (where kind = 'overrun') as overrun
			from ledger_journal where reservation_id is not null and kind <> 'adjust' group by reservation_id
		), by_part as (
			select reservation_id, bucket_id,
				count(*) filter (where kind = 'pending') as holds,
				count(*) filter (where kind in ('post', 'void', 'expire')) as ends
			from ledger_journal where reservation_id is not null and bucket_id is not null group by reservation_id, bucket_id
		), held as (
			select bucket_id, sum(amount_micro) as pending from (
				select bucket_id, amount_micro from ledger_reservations where state = 'pending' and bucket_id is not null
				union all
				select l.bucket_id, l.amount_micro from ledger_lines l join ledger_reservations r on r.id = l.reservation_id
				where r.state = 'pending'
			) x group by bucket_id
		)
		select 'bucket is not its journal' as what, coalesce(b.id, j.bucket_id)::text as ref
		from ledger_buckets b full join by_bucket j on j.bucket_id = b.id and j.account_id = b.account_id
		where b.id is null or j.bucket_id is null
			or (b.granted_micro, b.pending_micro, b.posted_micro) is distinct from (j.granted::bigint, j.pending::bigint, j.posted::bigint)
		union all
		select 'bucket overspent', id::text from ledger_buckets where posted_micro + pending_micro > granted_micro
		union all
		select 'bucket holds what no reservation holds', b.id::text
		from ledger_buckets b full join held h on h.bucket_id = b.id
		where coalesce(b.pending_micro, 0) <> coalesce(h.pending, 0)
		union all
		select 'two daily buckets at a time', a.id::text
		from ledger_buckets a join ledger_buckets b on b.account_id = a.account_id and b.kind = 'daily' and b.id > a.id
			and a.starts_at < b.ends_at and b.starts_at < a.ends_at
		where a.kind = 'daily'
		union all
		select 'reservation is not its journal', r.id::text
		from ledger_reservations r left join by_reservation j on j.reservation_id = r.id
		where coalesce(j.held, 0) <> r.amount_micro
			or coalesce(j.pending, 0) <> case when r.state = 'pending' then r.amount_micro else 0 end
			or coalesce(j.charged, 0) <> r.charged_micro
			or coalesce(j.overrun, 0) <> r.overrun_micro
			or (r.state <> 'posted' and r.charged_micro + r.overrun_micro > 0)
		union all
		select 'held or resolved twice', reservation_id::text from by_part where holds > 1 or ends > 1
		union all
		select 'reservation without its bucket', r.id::text
		from ledger_reservations r
		where r.amount_micro <> coalesce(
			case when r.bucket_id is not null then r.amount_micro end,
			(select sum(l.amount_micro) from ledger_lines l where l.reservation_id = r.id));
		-- What the house paid: settlements the account could not.
		create view ledger_house as
		select date_trunc('day', at) as day, count(*) as settlements, sum(posted_micro)::bigint as overrun_micro
		from ledger_journal where kind = 'overrun' group by 1;
		create index ledger_journal_overrun on ledger_journal (at) where kind = 'overrun';
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop index ledger_journal_overrun;
		drop view ledger_house, violations;
		drop function ledger_prune(integer, integer);
		drop function ledger_expire(integer);
		drop function ledger_heartbeat(uuid[], bigint);
	`);
}
