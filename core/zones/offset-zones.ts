/**
 * A zone that has the offset all year round, by minutes east of UTC. Cities rather than Etc/GMT names, whose sign is the
 * wrong way round for most people (Etc/GMT-3 is UTC+3). Source: tzdata, zones without daylight saving time in 2026.
 */
const FIXED: Readonly<Record<number, string>> = {
	[-660]: "Pacific/Pago_Pago",
	[-600]: "Pacific/Honolulu",
	[-570]: "Pacific/Marquesas",
	[-540]: "Pacific/Gambier",
	[-480]: "Pacific/Pitcairn",
	[-420]: "America/Phoenix",
	[-360]: "America/Costa_Rica",
	[-300]: "America/Bogota",
	[-240]: "America/Puerto_Rico",
	[-180]: "America/Sao_Paulo",
	[-120]: "America/Noronha",
	[-60]: "Atlantic/Cape_Verde",
	0: "UTC",
	60: "Africa/Lagos",
	120: "Africa/Johannesburg",
	180: "Europe/Moscow",
	210: "Asia/Tehran",
	240: "Asia/Dubai",
	270: "Asia/Kabul",
	300: "Asia/Tashkent",
	330: "Asia/Kolkata",
	345: "Asia/Kathmandu",
	360: "Asia/Dhaka",
	390: "Asia/Yangon",
	420: "Asia/Bangkok",
	480: "Asia/Shanghai",
	525: "Australia/Eucla",
	540: "Asia/Tokyo",
	570: "Australia/Darwin",
	600: "Australia/Brisbane",
	660: "Pacific/Noumea",
	720: "Pacific/Fiji",
	780: "Pacific/Tongatapu",
	840: "Pacific/Kiritimati",
};

/** "utc+3", "gmt-03:30", "+5:30", "мск+2". A bare number is no offset: it may be the number of a choice. */
const OFFSET = /^(utc|gmt|msk|мск)? ?([+\-−–]) ?(\d{1,2})(?::?([0-5]\d))?$/;
const MOSCOW_MINUTES = 180;

/** text: folded to lower case, half width. Undefined when it is no offset or no zone of `allowed` has it all year. */
export function findOffsetZone(text: string, allowed: ReadonlySet<string>): string | undefined {
	const match = OFFSET.exec(text);
	if (match === null) return undefined;
	const [, base, sign, hours, minutes] = match;
	const size = Number(hours) * 60 + Number(minutes ?? 0);
	const start = base === "msk" || base === "мск" ? MOSCOW_MINUTES : 0;
	const zone = FIXED[start + (sign === "+" ? size : -size)];
	return zone !== undefined && allowed.has(zone) ? zone : undefined;
}
