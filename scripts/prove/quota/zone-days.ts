import type { Knex } from "knex";

/** What of the days of zones was found, hour by hour. */
export type ZoneDays = {
	readonly instants: number;
	/** Days with an hour that is said to belong to them and does not. */
	readonly uncovered: number;
	/** Days that begin before or after the end of the last one: an instant with two days or with none. */
	readonly torn: number;
	/** Days shorter than 21 or longer than 27 hours. */
	readonly odd: number;
	/** Another answer of the function itself, where it was asked. */
	readonly differing: number;
	readonly asked: number;
	readonly days: number;
	readonly hoursMin: number;
	readonly hoursMax: number;
};

const DAY_FUNCTION = "ledger_day_bounds(text, timestamptz)";

/**
 * The body of the ledger's day function, as the server has it now, in which p_zone and p_at are columns: millions of days in
 * one statement, without the cost of so many calls.
 *
 * @throws Error when the function is no SQL query any more
 */
export async function readDayQuery(db: Knex): Promise<string> {
	const { rows } = await db.raw<{ rows: { body: string; language: string }[] }>(
		`select p.prosrc as body, l.lanname as language from pg_proc p join pg_language l on l.oid = p.prolang
		where p.oid = ?::regprocedure`,
		[DAY_FUNCTION],
	);
	const [found] = rows;
	if (found?.language !== "sql") throw new Error(`${DAY_FUNCTION} is not one SQL query`);
	return found.body.replaceAll("?", "\\?");
}

/**
 * Every hour of the zones between two instants. The function itself is asked too, for the first and the last instant of days
 * of other than 24 hours and of one in 25 of the rest.
 */
export async function examineDays(
	db: Knex,
	dayQuery: string,
	request: { readonly zones: readonly string[]; readonly from: Date; readonly to: Date },
): Promise<ZoneDays> {
	const { rows } = await db.raw<{ rows: ZoneDays[] }>(
		`with hour as (
			select z.p_zone as zone, t.p_at as at, d.day
			from unnest(:zones::text[]) z (p_zone)
			cross join (
				select generate_series(:from::timestamptz, :to::timestamptz - interval '1 hour', interval '1 hour') as p_at
			) t
			cross join lateral (${dayQuery}) d (day)
			offset 0
		), whole as (
			select zone, day, min(at) as first, max(at) as last, count(*) as instants,
				extract(epoch from upper(day) - lower(day)) / 3600 as hours
			from hour group by zone, day
		), paired as (
			select *, lead(day) over (partition by zone order by first) as following from whole
		), sample as (
			select day @> asked and ledger_day_bounds(zone, asked) = day as is_same
			from whole cross join lateral (values (first), (last), (lower(day)), (upper(day) - interval '1 microsecond')) x (asked)
			where hours <> 24 or hashtext(zone || day::text) % 25 = 0
		)
		select sum(instants)::integer as instants,
			count(*) filter (where not (day @> first and day @> last))::integer as uncovered,
			count(*) filter (where lower(following) <> upper(day))::integer as torn,
			count(*) filter (where hours not between 21 and 27)::integer as odd,
			count(*)::integer as days,
			min(hours)::float8 as "hoursMin", max(hours)::float8 as "hoursMax",
			(select count(*) from sample where is_same is not true)::integer as differing,
			(select count(*) from sample)::integer as asked
		from paired`,
		{
			zones: `{${request.zones.map((zone) => `"${zone}"`).join(",")}}`,
			from: request.from.toISOString(),
			to: request.to.toISOString(),
		},
	);
	const [found] = rows;
	if (found === undefined) throw new Error("sums without a row");
	return found;
}

export function addUp(parts: readonly ZoneDays[]): ZoneDays {
	const sum = (pick: (part: ZoneDays) => number): number =>
		parts.reduce((total, part) => total + pick(part), 0);
	return {
		instants: sum((part) => part.instants),
		uncovered: sum((part) => part.uncovered),
		torn: sum((part) => part.torn),
		odd: sum((part) => part.odd),
		differing: sum((part) => part.differing),
		asked: sum((part) => part.asked),
		days: sum((part) => part.days),
		hoursMin: Math.min(...parts.map((part) => part.hoursMin)),
		hoursMax: Math.max(...parts.map((part) => part.hoursMax)),
	};
}
