import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create function ledger_open_account(p_account bigint, p_zone text, p_daily_tokens bigint, p_starts_tomorrow boolean)
		returns void language sql as $$
			insert into ledger_accounts (account_id, zone, daily_grant_micro, day_ends_at)
			values (p_account, p_zone, p_daily_tokens * 1000000,
				case when p_starts_tomorrow then upper(ledger_day_bounds(p_zone, ledger_now())) else '-infinity' end)
			on conflict (account_id) do nothing
		$$;
		-- false: no such account. A lower figure waits for the next daily bucket; a higher one fills the running bucket up to it.
		create function ledger_change_daily_grant(p_account bigint, p_daily_tokens bigint) returns boolean language plpgsql as $$
		declare
			a ledger_accounts;
			b ledger_buckets;
			v_now timestamptz;
			v_new bigint := p_daily_tokens * 1000000;
			v_more bigint;
		begin
			select * into a from ledger_accounts where account_id = p_account for no key update;
			if not found then
				return false;
			end if;
			v_now := ledger_now();
			-- nobody may see whether today's bucket has its row already
			perform ledger_open_day(p_account, v_now);
			update ledger_accounts set daily_grant_micro = v_new where account_id = p_account returning day_ends_at into a.day_ends_at;
			if a.day_ends_at <= v_now then
				return true;
			end if;
			select * into b from ledger_buckets
				where account_id = p_account and kind = 'daily' and starts_at <= v_now and ends_at > v_now;
			if found then
				v_more := v_new - b.granted_micro;
				if v_more > 0 then
					update ledger_buckets set granted_micro = v_new where id = b.id;
				end if;
			else
				-- an account whose first day begins tomorrow was raised today: only what is more than it had waited for
				v_more := v_new - a.daily_grant_micro;
				if v_more > 0 then
					insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro)
						values (p_account, 'daily', v_now, a.day_ends_at, v_more) returning * into b;
				end if;
			end if;
			if v_more > 0 then
				insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
					values (v_now, 'adjust', p_account, b.id, v_more);
			end if;
			return true;
		end $$;
		-- outcome: changed, same, changed_recently (with the time from which it may be changed), unknown_account
		create function ledger_change_zone(p_account bigint, p_zone text, p_pause_days integer,
			out outcome text, out next_change_at timestamptz)
		language plpgsql as $$
		declare
			a ledger_accounts;
			v_now timestamptz;
		begin
			select * into a from ledger_accounts where account_id = p_account for no key update;
			if not found then
				outcome := 'unknown_account';
				return;
			end if;
			v_now := ledger_now();
			if p_zone = coalesce(a.zone_next, a.zone) then
				outcome := 'same';
				return;
			end if;
			next_change_at := a.zone_changed_at + p_pause_days * interval '1 day';
			if next_change_at > v_now then
				outcome := 'changed_recently';
				return;
			end if;
			update ledger_accounts set zone_next = p_zone, zone_changed_at = v_now where account_id = p_account;
			outcome := 'changed';
		end $$;
		-- outcome: granted, duplicate, mismatch (the same source and external id with other figures), ended, unknown_account
		create function ledger_grant(p_account bigint, p_kind text, p_tokens bigint, p_source text, p_external_id text,
			p_ends_at timestamptz, out outcome text, out bucket_id bigint)
		language plpgsql as $$
		declare
			b ledger_buckets;
			v_now timestamptz;
		begin
			perform from ledger_accounts where account_id = p_account for no key update;
			if not found then
				outcome := 'unknown_account';
				return;
			end if;
			v_now := ledger_now();
			select * into b from ledger_buckets where source = p_source and external_id = p_external_id;
			if not found then
				if p_ends_at <= v_now then
					outcome := 'ended';
					return;
				end if;
				insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro, source, external_id)
					values (p_account, p_kind, v_now, p_ends_at, p_tokens * 1000000, p_source, p_external_id)
					on conflict (source, external_id) where source is not null do nothing
					returning * into b;
				if found then
					insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
						values (v_now, 'grant', p_account, b.id, b.granted_micro);
					outcome := 'granted';
					bucket_id := b.id;
					return;
				end if;
				-- another account was faster with the same external id
				select * into strict b from ledger_buckets where source = p_source and external_id = p_external_id;
			end if;
			bucket_id := b.id;
			outcome := case
				when b.account_id = p_account and b.kind = p_kind and b.granted_micro = p_tokens * 1000000 then 'duplicate'
				else 'mismatch'
			end;
		end $$;
		-- Gives back what a reservation charged, once. outcome: refunded, already, nothing
		create function ledger_refund(p_reservation uuid, p_note text, p_days integer,
			out outcome text, out amount_micro bigint, out bucket_id bigint)
		language plpgsql as $$
		declare
			r ledger_reservations;
			v_now timestamptz;
		begin
			perform ledger_lock_accounts_of(array[p_reservation]);
			select * into r from ledger_reservations where id = p_reservation;
			if not found or r.state <> 'posted' or r.charged_micro = 0 then
				outcome := 'nothing';
				return;
			end if;
			v_now := ledger_now();
			insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro, source, external_id, note)
				values (r.account_id, 'goodwill', v_now, v_now + p_days * interval '1 day', r.charged_micro,
					'ledger:refund', p_reservation::text, p_note)
				on conflict (source, external_id) where source is not null do nothing
				returning id into bucket_id;
			if bucket_id is null then
				outcome := 'already';
				return;
			end if;
			insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, granted_micro)
				values (v_now, 'adjust', r.account_id, bucket_id, p_reservation, r.charged_micro);
			outcome := 'refunded';
			amount_micro := r.charged_micro;
		end $$;
		-- The live buckets of accounts in burn order, one row each (nulls for an account without any). Today's daily bucket is shown
		-- with id 0 before the first reservation of the day has made its row, so that reading writes nothing.
		create function ledger_balance(p_accounts bigint[]) returns table (
			account_id bigint, zone text, resets_at timestamptz, bucket_id bigint, kind text,
			granted_micro bigint, posted_micro bigint, pending_micro bigint, ends_at timestamptz
		) language sql stable
		set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set jit = off
		as $$
			select a.account_id, coalesce(a.zone_next, a.zone),
				case when a.daily_grant_micro > 0 then greatest(a.day_ends_at, upper(a.next_day)) end,
				b.id, b.kind, b.granted_micro, b.posted_micro, b.pending_micro, nullif(b.ends_at, 'infinity')
			from (
				select x.*, n.at,
					case when x.day_ends_at <= n.at and x.daily_grant_micro > 0
						then ledger_next_day(x.zone, x.zone_next, x.day_ends_at, n.at) end as next_day
				from ledger_accounts x, (select ledger_now() as at offset 0) n
				where x.account_id = any (p_accounts)
			) a
			left join lateral (
				select y.id, y.kind, y.granted_micro, y.posted_micro, y.pending_micro, y.ends_at
				from ledger_buckets y where y.account_id = a.account_id and y.ends_at > a.at and y.starts_at <= a.at
				union all
				select 0, 'daily', a.daily_grant_micro, 0, 0, upper(a.next_day) where a.next_day is not null
			) b on true
			order by a.account_id, b.ends_at, b.id
		$$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function ledger_balance(bigint[]);
		drop function ledger_refund(uuid, text, integer);
		drop function ledger_grant(bigint, text, bigint, text, text, timestamptz);
		drop function ledger_change_zone(bigint, text, integer);
		drop function ledger_change_daily_grant(bigint, bigint);
		drop function ledger_open_account(bigint, text, bigint, boolean);
	`);
}
