import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";

const SAMPLE = [
	"UTC",
	"Europe/Moscow",
	"Asia/Shanghai",
	"America/New_York",
	"Europe/Berlin",
	"Australia/Lord_Howe",
	"Africa/Casablanca",
	"Africa/Cairo",
	"Asia/Kathmandu",
	"America/St_Johns",
	"Pacific/Apia",
	"Pacific/Chatham",
	"Pacific/Kiritimati",
	"Antarctica/Troll",
	"America/Santiago",
	"Asia/Beirut",
	"America/Havana",
	"Asia/Gaza",
];

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb();
});
afterAll(async () => await world.destroy());

type Day = { starts: string; ends: string; hours: number };

async function dayOf(zone: string, at: string): Promise<Day | undefined> {
	const { rows } = await world.db.raw<{ rows: Day[] }>(
		`select to_char(lower(d), 'YYYY-MM-DD"T"HH24:MI"Z"') as starts, to_char(upper(d), 'YYYY-MM-DD"T"HH24:MI"Z"') as ends,
			extract(epoch from upper(d) - lower(d))::float8 / 3600 as hours
		from ledger_day_bounds(:zone, :at) d`,
		{ zone, at },
	);
	return rows[0];
}

async function nextDay(
	zone: string,
	zoneNext: string | null,
	lastEnd: string,
	at: string,
): Promise<Day | undefined> {
	const { rows } = await world.db.raw<{ rows: Day[] }>(
		`select to_char(lower(d), 'YYYY-MM-DD"T"HH24:MI"Z"') as starts, to_char(upper(d), 'YYYY-MM-DD"T"HH24:MI"Z"') as ends,
			extract(epoch from upper(d) - lower(d))::float8 / 3600 as hours
		from ledger_next_day(:zone, :zoneNext, :lastEnd, :at) d`,
		{ zone, zoneNext, lastEnd, at },
	);
	return rows[0];
}

test.each([
	["UTC", "2026-11-20T12:00Z", "2026-11-20T00:00Z", "2026-11-21T00:00Z", 24],
	["Asia/Shanghai", "2026-11-20T16:00Z", "2026-11-20T16:00Z", "2026-11-21T16:00Z", 24],
	["Asia/Shanghai", "2026-11-20T15:59Z", "2026-11-19T16:00Z", "2026-11-20T16:00Z", 24],
	// clocks go forward: a day of 23 hours; back: 25 hours
	["Europe/Berlin", "2026-03-29T10:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23],
	["Europe/Berlin", "2026-10-25T10:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z", 25],
	["America/New_York", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23],
	["America/New_York", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25],
	// half an hour of summer time
	["Australia/Lord_Howe", "2026-10-04T00:00Z", "2026-10-03T13:30Z", "2026-10-04T13:00Z", 23.5],
	["Australia/Lord_Howe", "2026-04-05T00:00Z", "2026-04-04T13:00Z", "2026-04-05T13:30Z", 24.5],
	// clocks go forward at midnight: the day begins at 01:00
	["America/Havana", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23],
])("the day of %s that holds %s", async (zone, at, starts, ends, hours) => {
	expect(await dayOf(zone, at)).toEqual({ starts, ends, hours });
});

test("Apia had no 30 December 2011: the 29th is followed by the 31st", async () => {
	expect(await dayOf("Pacific/Apia", "2011-12-30T09:59Z")).toEqual({
		starts: "2011-12-29T10:00Z",
		ends: "2011-12-30T10:00Z",
		hours: 24,
	});
	expect(await dayOf("Pacific/Apia", "2011-12-30T10:00Z")).toEqual({
		starts: "2011-12-30T10:00Z",
		ends: "2011-12-31T10:00Z",
		hours: 24,
	});
});

test("every instant has one day, which holds it, and days follow each other without gap", async () => {
	const { rows } = await world.db.raw<{ rows: unknown[] }>(
		`with hour as (
			select z.zone, t.at, ledger_day_bounds(z.zone, t.at) as day
			from unnest(:zones::text[]) z (zone)
			cross join generate_series('2025-12-30'::timestamptz, '2027-01-02', interval '1 hour') t (at)
		), paired as (
			select *, lead(day) over (partition by zone order by at) as following from hour
		)
		select zone, at from paired
		where not day @> at or upper(day) - lower(day) not between interval '21 hours' and interval '27 hours'
			or (following <> day and lower(following) <> upper(day))
		limit 5`,
		{ zones: SAMPLE },
	);
	expect(rows).toEqual([]);
}, 30_000);

test("an idle account's next day is simply the day it comes back in", async () => {
	expect(await nextDay("UTC", null, "2026-11-01T00:00Z", "2026-11-20T12:00Z")).toMatchObject({
		starts: "2026-11-20T00:00Z",
		ends: "2026-11-21T00:00Z",
	});
	expect(await nextDay("UTC", "Asia/Shanghai", "-infinity", "2026-11-20T12:00Z")).toMatchObject({
		starts: "2026-11-19T16:00Z",
		ends: "2026-11-20T16:00Z",
	});
});

test("the first day of a new zone ends at its first midnight at least 24 hours after the old zone's last", async () => {
	// Shanghai's midnight is 16:00Z: of the 21st it would be 16 hours after, of the 22nd it is 40
	expect(await nextDay("UTC", "Asia/Shanghai", "2026-11-21T00:00Z", "2026-11-21T00:10Z")).toEqual({
		starts: "2026-11-21T00:00Z",
		ends: "2026-11-22T16:00Z",
		hours: 40,
	});
	expect(await nextDay("Asia/Shanghai", "UTC", "2026-11-20T16:00Z", "2026-11-20T17:00Z")).toEqual({
		starts: "2026-11-20T16:00Z",
		ends: "2026-11-22T00:00Z",
		hours: 32,
	});
});

test("a new zone with the same midnight changes nothing", async () => {
	expect(await nextDay("Asia/Shanghai", "Asia/Singapore", "2026-11-20T16:00Z", "2026-11-20T17:00Z")).toEqual({
		starts: "2026-11-20T16:00Z",
		ends: "2026-11-21T16:00Z",
		hours: 24,
	});
});

test("whoever hops zones at every midnight never gets two days within 24 hours", async () => {
	let zone = "UTC";
	let lastEnd = "2026-03-01T00:00Z";
	for (let hop = 0; hop < 120; hop += 1) {
		const zoneNext = SAMPLE[(hop * 7 + 3) % SAMPLE.length] ?? "UTC";
		const day = await nextDay(zone, zoneNext, lastEnd, lastEnd);
		if (day === undefined) throw new Error("no day");
		expect(day.starts).toBe(lastEnd);
		expect(day.hours).toBeGreaterThanOrEqual(zone === zoneNext ? 21 : 23);
		expect(day.hours).toBeLessThanOrEqual(51);
		zone = zoneNext;
		lastEnd = day.ends;
	}
});
