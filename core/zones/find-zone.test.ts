import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { TEST_ZONES, testFindZone } from "../testing/command-context.ts";
import { cityTexts, placeAliases, suggestedZones } from "../texts/cities.ts";
import { LANGUAGES } from "../texts/say.ts";
import { createZoneFinder } from "./find-zone.ts";
import { toZoneLabel } from "./zone-labels.ts";

describe("a place somebody means", () => {
	test.each([
		["Europe/Moscow", "Europe/Moscow"],
		["europe/moscow", "Europe/Moscow"],
		["Москва", "Europe/Moscow"],
		[" москва ", "Europe/Moscow"],
		["СПб", "Europe/Moscow"],
		["MSK", "Europe/Moscow"],
		["北京", "Asia/Shanghai"],
		["上海", "Asia/Shanghai"],
		["Beijing", "Asia/Shanghai"],
		["new york", "America/New_York"],
		["New_York", "America/New_York"],
		["ＴＯＫＹＯ", "Asia/Tokyo"],
		["Buenos Aires", "America/Buenos_Aires"],
		["São Paulo", "America/Sao_Paulo"],
		["mumbai", "Asia/Kolkata"],
		["UTC", "UTC"],
		["gmt", "UTC"],
		["UTC+3", "Europe/Moscow"],
		["utc +03:00", "Europe/Moscow"],
		["GMT+8", "Asia/Shanghai"],
		["+5:30", "Asia/Kolkata"],
		["+0545", "Asia/Kathmandu"],
		["−5", "America/Bogota"],
		["-3", "America/Sao_Paulo"],
		["МСК+4", "Asia/Bangkok"],
		["+0", "UTC"],
	])("%j is %s", (text, zone) => {
		expect(testFindZone(text)).toEqual({ kind: "zone", zone });
	});

	test("by the beginning of its name is found when it is the only one, and offered when there are several", () => {
		expect(testFindZone("vladiv")).toEqual({ kind: "zone", zone: "Asia/Vladivostok" });
		const found = testFindZone("port");
		expect(found).toMatchObject({ kind: "choice" });
		if (found.kind === "choice") expect(found.zones.length).toBeLessThanOrEqual(6);
	});
});

describe("what is no place (row 60)", () => {
	test.each([
		"",
		" ",
		"a",
		"3",
		"../x",
		"../../etc/localtime",
		"EST5EDT",
		"EST5EDT4,M3.2.0,M11.1.0",
		"posixrules",
		"posix/Europe/Moscow",
		"Factory",
		"Etc/GMT-3x",
		"UTC+99",
		"UTC+3:99",
		"+15",
		"-13",
		"+1:17",
		"Gondor",
		"__proto__",
		"constructor",
		"x".repeat(10_000),
	])("%j is not found", (text) => {
		expect(testFindZone(text)).toEqual({ kind: "none" });
	});

	test("nothing that comes out is outside the list that went in", () => {
		const allowed = new Set(["UTC", "Europe/Moscow", "Asia/Tokyo", "posixrules", "Nowhere/Atall"]);
		const find = createZoneFinder([...allowed]);
		const words = fc.oneof(
			fc.string(),
			fc.constantFrom("moscow", "tok", "utc", "+3", "+9", "posixrules", "new york"),
		);
		fc.assert(
			fc.property(words, (text) => {
				const found = find(text);
				const zones = found.kind === "zone" ? [found.zone] : found.kind === "choice" ? found.zones : [];
				for (const zone of zones) expect(["UTC", "Europe/Moscow", "Asia/Tokyo"]).toContain(zone);
			}),
		);
		expect(find("Nowhere/Atall")).toEqual({ kind: "none" });
	});
});

describe("the words", () => {
	test("name only zones this runtime knows, each in three languages", () => {
		const zones = [
			...Object.keys(cityTexts),
			...Object.keys(placeAliases),
			...Object.values(suggestedZones).flat(),
		];
		for (const zone of zones) expect(TEST_ZONES).toContain(zone);
		for (const [zone, city] of Object.entries(cityTexts)) {
			for (const language of LANGUAGES) expect(testFindZone(city[language])).toEqual({ kind: "zone", zone });
		}
	});

	test("label every suggestion in the person's language", () => {
		expect(toZoneLabel("Europe/Moscow", "ru")).toBe("Москва");
		expect(toZoneLabel("America/Port_of_Spain", "ru")).toBe("America/Port of Spain");
		for (const language of LANGUAGES) {
			for (const zone of suggestedZones[language]) expect(toZoneLabel(zone, language)).not.toContain("/");
		}
	});
});
