import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- The day of a zone that holds p_at. A day may have 21 to 27 hours, none (Pacific/Apia 2011-12-30) or begin at another hour.
		create function ledger_day_bounds(p_zone text, p_at timestamptz) returns tstzrange language sql stable as $$
			select tstzrange(d.day::timestamp at time zone p_zone, (d.day + 1)::timestamp at time zone p_zone, '[)')
			from (
				select case
					when x.day::timestamp at time zone p_zone > p_at then x.day - 1
					when (x.day + 1)::timestamp at time zone p_zone <= p_at then x.day + 1
					else x.day
				end as day
				from (select (p_at at time zone p_zone)::date as day) x
			) d
		$$;
		-- The daily bucket to open at p_at, when the last one ended at p_last_end <= p_at. The first one of a new zone ends at the
		-- first midnight at least 24 hours after the last one, so that hopping between zones brings no extra grant.
		create function ledger_next_day(p_zone text, p_zone_next text, p_last_end timestamptz, p_at timestamptz)
		returns tstzrange language plpgsql stable as $$
		declare
			v_day tstzrange := ledger_day_bounds(coalesce(p_zone_next, p_zone), p_at);
			v_after tstzrange;
		begin
			if p_last_end <= lower(v_day) then
				return v_day;
			elsif p_zone_next is null then
				return tstzrange(p_last_end, upper(v_day), '[)');
			end if;
			v_after := ledger_day_bounds(p_zone_next, p_last_end + interval '24 hours');
			return tstzrange(p_last_end,
				case when lower(v_after) = p_last_end + interval '24 hours' then lower(v_after) else upper(v_after) end, '[)');
		end $$;
		-- Opens the daily bucket of p_now when it is due. The caller holds the account's lock.
		create function ledger_open_day(p_account bigint, p_now timestamptz) returns void language plpgsql as $$
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
				set zone = coalesce(a.zone_next, a.zone), zone_next = null, day_ends_at = upper(v_day)
				where account_id = p_account;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function ledger_open_day(bigint, timestamptz);
		drop function ledger_next_day(text, text, timestamptz, timestamptz);
		drop function ledger_day_bounds(text, timestamptz);
	`);
}
