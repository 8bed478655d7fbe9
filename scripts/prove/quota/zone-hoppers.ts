import type { Knex } from "knex";

/** How somebody chooses his next zone. */
export const STRATEGIES = [
	/** Stays where he is. */
	"home",
	/** Anywhere. */
	"random",
	/** Where the day is about to end. */
	"chase",
	/** Between the first and the last zone of the world. */
	"ends",
	/** Where his next day will be shortest. */
	"short",
] as const;

export type Strategy = (typeof STRATEGIES)[number];

export type Hopper = {
	readonly accountId: string;
	readonly strategy: Strategy;
	/** Days between two changes; the product's is 30. */
	readonly pauseDays: number;
};

export type HopperEnd = {
	readonly grants: number;
	readonly hops: number;
	/** From the end of his first day, which had begun before he came, to the end of the last one. */
	readonly days: number;
	/** Days that begin before or after the end of the last one. */
	readonly torn: number;
	/** First days of a new zone of less than 24 hours that are not a whole day of it either. */
	readonly short: number;
	/** Grants he spent, in full ones. */
	readonly spent: number;
	/** Calls that were served though the day's grant was spent. */
	readonly extra: number;
};

/** Tokens a day. */
export const HOPPER_DAILY = 1_000;

/**
 * Replaces the ledger's clock by one of the session's own and makes the function that lives the life of a hopper: he wakes at
 * the end of every day and every few hours, changes his zone whenever he is let, and spends all he can get at once.
 */
export async function prepareHoppers(db: Knex): Promise<void> {
	await db.raw(`
		create or replace function ledger_now() returns timestamptz language sql volatile as
			'select current_setting(''proof.now'')::timestamptz';
		create table proof_days (account_id bigint, zone text, starts_at timestamptz, ends_at timestamptz);
		create table proof_ends (account_id bigint, hops integer, extra integer);
		create function proof_choose(p_strategy text, p_account bigint, p_zones text[], p_at timestamptz) returns text
		language plpgsql as $$
		declare
			a ledger_accounts;
		begin
			select * into a from ledger_accounts where account_id = p_account;
			return case p_strategy
				when 'random' then p_zones[1 + floor(random() * cardinality(p_zones))::integer]
				when 'ends' then case when a.zone = 'Pacific/Kiritimati' then 'Etc/GMT+12' else 'Pacific/Kiritimati' end
				when 'chase' then (select z from unnest(p_zones) z order by (p_at at time zone z)::time desc, random() limit 1)
				when 'short' then (
					select z from (select z from unnest(p_zones) z order by random() limit 12) x
					order by upper(ledger_next_day(a.zone, z, a.day_ends_at, greatest(a.day_ends_at, p_at))), z limit 1
				)
				else a.zone
			end;
		end $$;
		create function proof_spend(p_account bigint, p_number integer, p_daily bigint) returns boolean language plpgsql as $$
		declare
			v_id uuid := md5(p_account || ' ' || p_number)::uuid;
		begin
			if ledger_reserve(array[v_id], array[p_account], array[1], array[p_daily], array[60000]) like '%insufficient%' then
				return false;
			end if;
			perform ledger_settle(array[v_id], array[p_daily]);
			return true;
		end $$;
		create function proof_live(p_account bigint, p_strategy text, p_pause integer, p_zones text[], p_from timestamptz,
			p_to timestamptz, p_daily bigint, p_seed float8) returns void language plpgsql as $$
		declare
			a ledger_accounts;
			v_at timestamptz := p_from;
			v_end timestamptz := '-infinity';
			v_next timestamptz := '-infinity';
			v_number integer := 0;
			v_hops integer := 0;
			v_extra integer := 0;
			v_change record;
		begin
			perform setseed(p_seed);
			while v_at < p_to loop
				perform set_config('proof.now', v_at::text, false);
				if v_next <= v_at then
					select * into v_change
						from ledger_change_zone(p_account, proof_choose(p_strategy, p_account, p_zones, v_at), p_pause);
					v_hops := v_hops + (v_change.outcome = 'changed')::integer;
					-- a little before he may, too
					v_next := coalesce(v_change.next_change_at, v_at) - interval '6 hours';
				end if;
				v_number := v_number + 1;
				if v_end <= v_at then
					perform proof_spend(p_account, v_number, p_daily);
					select * into a from ledger_accounts where account_id = p_account;
					insert into proof_days values (p_account, a.zone, greatest(v_end, lower(ledger_day_bounds(a.zone, v_at))), a.day_ends_at);
					v_end := a.day_ends_at;
				elsif random() < 0.2 then
					v_extra := v_extra + proof_spend(p_account, v_number, p_daily)::integer;
				end if;
				v_at := v_at + (2 + random() * 8) * interval '1 hour';
				if v_end between v_at - interval '10 hours' and v_at and v_end > current_setting('proof.now')::timestamptz then
					v_at := v_end;
				end if;
			end loop;
			insert into proof_ends values (p_account, v_hops, v_extra);
		end $$;
	`);
}

export async function liveAs(
	db: Knex,
	hopper: Hopper,
	request: {
		readonly zones: readonly string[];
		readonly from: Date;
		readonly to: Date;
		/** -1..1 */
		readonly seed: number;
	},
): Promise<HopperEnd> {
	await db.raw(
		`select proof_live(:accountId::bigint, :strategy, :pauseDays::integer, :zones::text[], :from::timestamptz,
			:to::timestamptz, :daily::bigint, :seed::float8)`,
		{
			...hopper,
			zones: `{${request.zones.map((zone) => `"${zone}"`).join(",")}}`,
			from: request.from.toISOString(),
			to: request.to.toISOString(),
			daily: HOPPER_DAILY * 1_000_000,
			seed: request.seed,
		},
	);
	const { rows } = await db.raw<{ rows: HopperEnd[] }>(
		`with told as (
			select *, lag(ends_at) over w as last_end, lag(zone) over w as last_zone
			from proof_days where account_id = :accountId window w as (order by ends_at)
		), real as (
			select count(*) as grants, sum(posted_micro) as posted, min(ends_at) as first_end, max(ends_at) as last_end
			from ledger_buckets where account_id = :accountId and kind = 'daily'
		), torn as (
			select count(*) as days from (
				select starts_at, lag(ends_at) over (order by starts_at) as last_end
				from ledger_buckets where account_id = :accountId and kind = 'daily'
			) b where starts_at <> last_end
		)
		select r.grants::integer as grants, e.hops, e.extra, t.days::integer as torn,
			(extract(epoch from r.last_end - r.first_end) / 86400)::float8 as days,
			(r.posted / :daily)::float8 as spent,
			(select count(*) from told d where d.zone <> d.last_zone and d.ends_at - d.last_end < interval '24 hours'
				and ledger_day_bounds(d.zone, d.last_end) <> tstzrange(d.last_end, d.ends_at, '[)'))::integer as short
		from real r, torn t, proof_ends e where e.account_id = :accountId`,
		{ accountId: hopper.accountId, daily: HOPPER_DAILY * 1_000_000 },
	);
	const [end] = rows;
	if (end === undefined) throw new Error("a hopper who left nothing behind");
	return end;
}
