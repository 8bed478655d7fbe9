import { describe, expect, test } from "@jest/globals";
import { isMidnight, startOfDay } from "./start-of-day.ts";

describe("the start of the day", () => {
	test.each([
		["Europe/Moscow", "2026-11-20T14:00:00Z", "2026-11-19T21:00:00Z"],
		["UTC", "2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"],
		["Pacific/Kiritimati", "2026-11-20T11:00:00Z", "2026-11-20T10:00:00Z"],
		["Asia/Kathmandu", "2026-11-20T18:20:00.500Z", "2026-11-20T18:15:00Z"],
		// Clocks went forward at 01:00 UTC and back at 01:00 UTC that day: the day began before.
		["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z"],
		["Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z"],
	])("of %s at %s was %s", (zone, now, start) => {
		expect(startOfDay(new Date(now), zone).toISOString()).toBe(new Date(start).toISOString());
	});
});

test.each([
	["Europe/Moscow", "2026-11-20T21:00:00Z", true],
	["Asia/Tokyo", "2026-11-20T21:00:00Z", false],
	["UTC", "2026-11-20T00:00:01Z", false],
	// Clocks went from 00:00 to 01:00: the day began at one.
	["America/Asuncion", "2024-10-06T04:00:00Z", true],
])("in %s a day begins at %s: %s", (zone, at, isOne) => {
	expect(isMidnight(new Date(at), zone)).toBe(isOne);
});
