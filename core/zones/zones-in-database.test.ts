import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { listZones } from "../db/zones.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { cityTexts, placeAliases, suggestedZones } from "../texts/cities.ts";
import type { ZoneFinder } from "./find-zone.ts";
import { createZoneFinder } from "./find-zone.ts";

let world: TestDb;
let names: readonly string[];
let find: ZoneFinder;

beforeAll(async () => {
	world = await createTestDb({ poolMax: 2 });
	names = await listZones(world.db);
	find = createZoneFinder(names);
});

afterAll(async () => {
	await world.destroy();
});

test("every zone our words name may be stored", () => {
	const zones = [
		...Object.keys(cityTexts),
		...Object.keys(placeAliases),
		...Object.values(suggestedZones).flat(),
	];
	expect(zones.filter((zone) => !names.includes(zone))).toEqual([]);
});

test.each(["UTC+3", "Москва", "北京", "new york", "Asia/Kolkata", "+5:45"])(
	"%s leads to a name the server lists",
	(text) => {
		const found = find(text);
		expect(found.kind).toBe("zone");
		if (found.kind === "zone") expect(names).toContain(found.zone);
	},
);

test.each([
	"posixrules",
	"localtime",
	"Factory",
	"EST5EDT",
	"GMT0",
	"posix/Europe/Moscow",
	"right/Europe/Moscow",
])("%s, which a server may list, is no zone for a person", (text) => {
	expect(find(text).kind).not.toBe("zone");
});
