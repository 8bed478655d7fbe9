import type { Language } from "../pipeline/message.ts";

/** Formatters kept at a time. There are 3 languages and about 600 zones; the commonest stay warm. */
const FORMATTERS_MAX = 300;

const instants = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<Language, Intl.NumberFormat>();
const prices = new Map<Language, Intl.NumberFormat>();

/** "Fri, Nov 20, 17:09 (Europe/Moscow)". A zone this runtime does not know is answered in UTC, never with a throw. */
export function formatInstant(date: Date, zone: string, language: Language): string {
	const formatter = instantFormatter(zone, language);
	return `${formatter.format(date)} (${formatter.resolvedOptions().timeZone === "UTC" ? "UTC" : zone})`;
}

function instantFormatter(zone: string, language: Language): Intl.DateTimeFormat {
	const key = `${language} ${zone}`;
	const known = instants.get(key);
	if (known !== undefined) return known;
	if (instants.size >= FORMATTERS_MAX) {
		const oldest = instants.keys().next().value;
		if (oldest !== undefined) instants.delete(oldest);
	}
	const formatter = new Intl.DateTimeFormat(language, {
		weekday: "short",
		day: "numeric",
		month: "short",
		hour: "2-digit",
		minute: "2-digit",
		hourCycle: "h23",
		timeZone: isKnownZone(zone) ? zone : "UTC",
	});
	instants.set(key, formatter);
	return formatter;
}

/** True when this runtime can show times of the zone. */
export function isKnownZone(zone: string): boolean {
	try {
		return new Intl.DateTimeFormat("en", { timeZone: zone }) !== undefined;
	} catch {
		return false;
	}
}

/** "17:09", the zone's own clock. */
export function formatTime(date: Date, zone: string, language: Language): string {
	return date.toLocaleTimeString(language, {
		hour: "2-digit",
		minute: "2-digit",
		hourCycle: "h23",
		timeZone: isKnownZone(zone) ? zone : "UTC",
	});
}

/** "Nov 20, 2026" in the words of the language; no hour, and no full stop at its end, which a sentence brings itself. */
export function formatDay(date: Date, zone: string, language: Language): string {
	const day = date.toLocaleDateString(language, {
		day: "numeric",
		month: "short",
		year: "numeric",
		timeZone: isKnownZone(zone) ? zone : "UTC",
	});
	return day.replace(/\s*г\.$/, "");
}

/** Whole tokens with the language's own grouping. */
export function formatTokens(tokens: number, language: Language): string {
	let formatter = numbers.get(language);
	if (formatter === undefined) {
		formatter = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
		numbers.set(language, formatter);
	}
	return formatter.format(tokens);
}

/** US dollars from cents: "$20", "$19.99". */
export function formatMoney(cents: number, language: Language): string {
	let formatter = prices.get(language);
	if (formatter === undefined) {
		formatter = new Intl.NumberFormat(language, {
			style: "currency",
			currency: "USD",
			currencyDisplay: "narrowSymbol",
			trailingZeroDisplay: "stripIfInteger",
		});
		prices.set(language, formatter);
	}
	return formatter.format(cents / 100);
}

/** "1 month", "2 месяца", "3个月". */
export function formatMonths(months: number, language: Language): string {
	return new Intl.NumberFormat(language, { style: "unit", unit: "month", unitDisplay: "long" }).format(
		months,
	);
}

/** "in 40 seconds", "in 5 minutes", "in 3 hours", "in 30 days"; rounded up, at least one second. */
export function formatWait(ms: number, language: Language): string {
	const seconds = Math.max(1, Math.ceil(ms / 1_000));
	const formatter = new Intl.RelativeTimeFormat(language, { numeric: "always" });
	if (seconds < 100) return formatter.format(seconds, "second");
	if (seconds < 100 * 60) return formatter.format(Math.ceil(seconds / 60), "minute");
	if (seconds < 72 * 3_600) return formatter.format(Math.ceil(seconds / 3_600), "hour");
	return formatter.format(Math.ceil(seconds / 86_400), "day");
}

/**
 * Words of a person put back before him: one line, no markup, no invisible or direction-changing characters, at most
 * `lengthMax` code points, as inline code.
 */
export function quoteText(text: string, lengthMax = 60): string {
	const visible = text
		.normalize("NFC")
		.replace(/[\p{C}\p{Zl}\p{Zp}`]/gu, " ")
		.replace(/(\p{M}{3})\p{M}+/gu, "$1")
		.replace(/\s+/g, " ")
		.trim();
	const points = [...visible];
	const cut = points.length > lengthMax ? `${points.slice(0, lengthMax).join("")}…` : visible;
	return `\`${cut === "" ? " " : cut}\``;
}
