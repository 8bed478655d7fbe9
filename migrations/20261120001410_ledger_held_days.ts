import type { Knex } from "knex";

/**
 * A day that was held back until tomorrow remembers what it would have granted, so that raising the daily figure twice, or
 * lowering and raising it, grants what is more than that once.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table ledger_accounts add column withheld_micro bigint not null default 0 check (withheld_micro >= 0);
		${openDay(", withheld_micro = 0")}
		create or replace function ledger_change_daily_grant(p_account bigint, p_daily_tokens bigint) returns boolean
		language plpgsql as $$
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
			update ledger_accounts set daily_grant_micro = v_new where account_id = p_account
				returning day_ends_at, withheld_micro into a.day_ends_at, a.withheld_micro;
			if a.day_ends_at <= v_now then
				return true;
			end if;
			select * into b from ledger_buckets
				where account_id = p_account and kind = 'daily' and starts_at <= v_now and ends_at > v_now;
			if found then
				v_more := v_new - a.withheld_micro - b.granted_micro;
				if v_more > 0 then
					update ledger_buckets set granted_micro = granted_micro + v_more where id = b.id;
				end if;
			else
				-- an account whose first day begins tomorrow: only what is more than it waits for
				a.withheld_micro := greatest(a.withheld_micro, a.daily_grant_micro);
				update ledger_accounts set withheld_micro = a.withheld_micro where account_id = p_account;
				v_more := v_new - a.withheld_micro;
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
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		${openDay("")}
		create or replace function ledger_change_daily_grant(p_account bigint, p_daily_tokens bigint) returns boolean
		language plpgsql as $$
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
		alter table ledger_accounts drop column withheld_micro;
	`);
}

/** Opens the daily bucket of p_now when it is due. The caller holds the account's lock. */
function openDay(forget: string): string {
	return `
		create or replace function ledger_open_day(p_account bigint, p_now timestamptz) returns void language plpgsql as $$
		declare
			a ledger_accounts;
			v_day tstzrange;
			v_bucket bigint;
		begin
			select * into strict a from ledger_accounts where account_id = p_account;
			if a.day_ends_at > p_now or a.daily_grant_micro = 0 then
				return;
			end if;
			v_day := ledger_next_day(a.zone, a.zone_next, a.day_ends_at, p_now);
			insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro)
				values (p_account, 'daily', lower(v_day), upper(v_day), a.daily_grant_micro)
				returning id into v_bucket;
			insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
				values (p_now, 'grant', p_account, v_bucket, a.daily_grant_micro);
			update ledger_accounts
				set zone = coalesce(a.zone_next, a.zone), zone_next = null, day_ends_at = upper(v_day)${forget}
				where account_id = p_account;
		end $$;
	`;
}
