import { expect, test } from "@jest/globals";
import { findOffsetZone } from "./offset-zones.ts";

const allowed = new Set([
	...Intl.supportedValuesOf("timeZone"),
	"UTC",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Asia/Yangon",
]);

function toName(minutes: number): string {
	const size = Math.abs(minutes);
	return `utc${minutes < 0 ? "-" : "+"}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
}

test("an offset's zone has that offset in every month", () => {
	let found = 0;
	for (let minutes = -12 * 60; minutes <= 14 * 60; minutes += 15) {
		const zone = findOffsetZone(toName(minutes), allowed);
		if (zone === undefined) continue;
		found += 1;
		for (let month = 0; month < 12; month += 1)
			expect([zone, offsetOf(zone, month)]).toEqual([zone, minutes]);
	}
	expect(found).toBeGreaterThanOrEqual(30);
});

function offsetOf(zone: string, month: number): number {
	const at = Date.UTC(2026, month, 15, 12);
	const parts = new Intl.DateTimeFormat("en-US", {
		timeZone: zone,
		timeZoneName: "longOffset",
	}).formatToParts(at);
	const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
	const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
	return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) + 0;
}
