/** Midnight that began the zone's calendar day of `now`. Where clocks skip it, the first instant after it. */
export function startOfDay(now: Date, zone: string): Date {
	const local = now.getTime() + offsetMs(now.getTime(), zone);
	const midnight = Math.floor(local / DAY_MS) * DAY_MS;
	// The offset at midnight may differ from the one now (clocks were changed today): the first guess finds it.
	const guess = midnight - offsetMs(now.getTime(), zone);
	const start = midnight - offsetMs(guess, zone);
	return new Date(Math.min(start, now.getTime()));
}

/** True when a day of the zone begins at this instant. */
export function isMidnight(at: Date, zone: string): boolean {
	return startOfDay(at, zone).getTime() === at.getTime();
}

const DAY_MS = 24 * 3_600_000;

/** What the zone's clocks show minus UTC, in ms, whole seconds. */
function offsetMs(at: number, zone: string): number {
	const parts = new Intl.DateTimeFormat("en-US", {
		timeZone: zone,
		hourCycle: "h23",
		year: "numeric",
		month: "numeric",
		day: "numeric",
		hour: "numeric",
		minute: "numeric",
		second: "numeric",
	}).formatToParts(at);
	const read = (type: Intl.DateTimeFormatPartTypes) =>
		Number(parts.find((part) => part.type === type)?.value ?? 0);
	const shown = Date.UTC(
		read("year"),
		read("month") - 1,
		read("day"),
		read("hour"),
		read("minute"),
		read("second"),
	);
	return shown - Math.floor(at / 1_000) * 1_000;
}
