import { describe, expect, test } from "@jest/globals";
import {
	formatDay,
	formatInstant,
	formatMoney,
	formatMonths,
	formatTime,
	formatTokens,
	formatWait,
	quoteText,
} from "./format.ts";

const noon = new Date("2026-11-20T12:00:00Z");

describe("times", () => {
	test("are told in the zone and the language", () => {
		expect(formatInstant(noon, "Europe/Moscow", "en")).toBe("Fri, Nov 20, 15:00 (Europe/Moscow)");
		expect(formatInstant(noon, "Asia/Shanghai", "zh-CN")).toContain("20:00");
		expect(formatInstant(noon, "UTC", "ru")).toContain("(UTC)");
		expect(formatDay(noon, "UTC", "en")).toBe("Nov 20, 2026");
		expect(formatDay(noon, "UTC", "ru")).toBe("20 нояб. 2026");
		expect(formatTime(new Date("2026-11-20T00:05:00Z"), "UTC", "en")).toBe("00:05");
	});

	test.each(["", "../x", "EST5EDT4,M3.2.0", "Nowhere/City"])(
		"of the impossible zone %j are told in UTC",
		(zone) => {
			expect(formatInstant(noon, zone, "en")).toBe("Fri, Nov 20, 12:00 (UTC)");
			expect(formatDay(noon, zone, "en")).toBe("Nov 20, 2026");
		},
	);

	test("stay right when more formatters are asked for than are kept", () => {
		for (const zone of Intl.supportedValuesOf("timeZone")) formatInstant(noon, zone, "en");
		expect(formatInstant(noon, "Europe/Moscow", "en")).toContain("15:00");
	});

	test("waits are rounded up and never zero", () => {
		expect(formatWait(0, "en")).toBe("in 1 second");
		expect(formatWait(1_001, "en")).toBe("in 2 seconds");
		expect(formatWait(120_001, "en")).toBe("in 3 minutes");
		expect(formatWait(30 * 86_400_000, "en")).toBe("in 30 days");
		expect(formatWait(7 * 3_600_000, "ru")).toBe("через 7 часов");
		expect(formatWait(7 * 3_600_000, "zh-CN")).toBe("7小时后");
	});
});

test("figures have the language's own grouping", () => {
	expect(formatTokens(50_000, "en")).toBe("50,000");
	expect(formatTokens(50_000, "ru")).toMatch(/^50\s000$/);
	expect([1, 2, 5].map((count) => formatMonths(count, "ru"))).toEqual(["1 месяц", "2 месяца", "5 месяцев"]);
	expect(formatMonths(1, "en")).toBe("1 month");
	expect(formatMonths(12, "zh-CN")).toBe("12个月");
	expect(formatMoney(2_000, "en")).toBe("$20");
	expect(formatMoney(1_999, "zh-CN")).toBe("$19.99");
});

describe("words of a person put back before him", () => {
	test.each([
		["plain", "`plain`"],
		["a`b``c", "`a b c`"],
		["line\none\u2028two\u0000", "`line one two`"],
		["\u202eevil\u2066", "`evil`"],
		["", "` `"],
		["x".repeat(100), `\`${"x".repeat(60)}…\``],
	])("%j are shown as %j", (text, shown) => {
		expect(quoteText(text)).toBe(shown);
	});

	test("are cut between characters and lose towers of accents", () => {
		expect(quoteText("😀".repeat(80), 5)).toBe(`\`${"😀".repeat(5)}…\``);
		expect(quoteText(`z${"\u0301".repeat(500)}`).length).toBeLessThan(10);
	});
});
