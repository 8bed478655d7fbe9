import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { changeDailyGrant, changeZone, hasPending, isZone, openAccount } from "./accounts.ts";
import { grant, refund } from "./grants.ts";
import { MICRO } from "./ledger.ts";
import { claimWarning } from "./warnings.ts";

const NOON = "2026-11-20T12:00:00Z";

let world: LedgerWorld;
let account: string;
beforeAll(async () => {
	world = await createLedgerWorld();
});
beforeEach(async () => {
	await world.setClock(new Date(NOON));
	account = await world.openAccount({ dailyTokens: 5000 });
});
afterAll(async () => await world.destroy());
afterEach(async () => expect(await world.violations()).toEqual([]));

async function spend(tokens: number): Promise<string> {
	const id = randomUUID();
	await world.hold(account, tokens, { id });
	await world.settle(id, tokens);
	return id;
}

test("before the first call of the day the balance shows the grant and writes nothing", async () => {
	expect(await world.ledger.balance(account)).toEqual({
		grantedMicro: 5000 * MICRO,
		postedMicro: 0,
		pendingMicro: 0,
		availableMicro: 5000 * MICRO,
		resetsAt: new Date("2026-11-21T00:00:00Z"),
		zone: "UTC",
		buckets: [
			{
				bucketId: "0",
				kind: "daily",
				grantedMicro: 5000 * MICRO,
				postedMicro: 0,
				pendingMicro: 0,
				endsAt: new Date("2026-11-21T00:00:00Z"),
			},
		],
	});
	expect(await world.db("ledger_buckets").where({ account_id: account })).toEqual([]);
});

test("a new day is a new grant, and what was left of the old one is gone", async () => {
	await spend(1000);
	await world.setClock(new Date("2026-11-21T00:00:00Z"));
	expect(await world.availableTokens(account)).toBe(5000);
	await spend(1);
	expect(await world.ledger.balance(account)).toMatchObject({
		availableMicro: 4999 * MICRO,
		resetsAt: new Date("2026-11-22T00:00:00Z"),
	});
});

test("the balance of an account with no daily grant has no reset time", async () => {
	const none = await world.openAccount();
	expect(await world.ledger.balance(none)).toMatchObject({
		availableMicro: 0,
		resetsAt: undefined,
		buckets: [],
	});
});

test("the balance of an unknown account is an error", async () => {
	await expect(world.ledger.balance("999999999")).rejects.toMatchObject({ code: "INTERNAL" });
});

test("opening an account again changes nothing", async () => {
	await spend(1000);
	await openAccount(world.db, { accountId: account, zone: "Asia/Shanghai", dailyTokens: 9 });
	expect(await world.ledger.balance(account)).toMatchObject({ availableMicro: 4000 * MICRO, zone: "UTC" });
});

test("an account that starts tomorrow has nothing today", async () => {
	const back = await world.openAccount({ dailyTokens: 5000, startsTomorrow: true });
	expect(await world.hold(back, 1)).toEqual({ kind: "insufficient", availableMicro: 0 });
	expect(await world.ledger.balance(back)).toMatchObject({
		availableMicro: 0,
		resetsAt: new Date("2026-11-21T00:00:00Z"),
	});
	await world.setClock(new Date("2026-11-21T00:00:01Z"));
	expect(await world.availableTokens(back)).toBe(5000);
});

test("an account that starts tomorrow and is raised today has what is more", async () => {
	const back = await world.openAccount({ dailyTokens: 5000, startsTomorrow: true });
	await changeDailyGrant(world.db, back, 50_000);
	expect(await world.availableTokens(back)).toBe(45_000);
});

test("what a held-back day would have granted is taken off once, however often the figure changes", async () => {
	const back = await world.openAccount({ dailyTokens: 5000, startsTomorrow: true });
	await changeDailyGrant(world.db, back, 0);
	await changeDailyGrant(world.db, back, 5000);
	expect(await world.availableTokens(back)).toBe(0);
	await changeDailyGrant(world.db, back, 20_000);
	await changeDailyGrant(world.db, back, 50_000);
	expect(await world.availableTokens(back)).toBe(45_000);
	await world.setClock(new Date("2026-11-21T00:00:00Z"));
	expect(await world.availableTokens(back)).toBe(50_000);
	await changeDailyGrant(world.db, back, 60_000);
	expect(await world.availableTokens(back)).toBe(60_000);
});

test("an upgrade fills the running bucket up to the new figure, once", async () => {
	await spend(4000);
	await changeDailyGrant(world.db, account, 50_000);
	expect(await world.availableTokens(account)).toBe(46_000);
	await changeDailyGrant(world.db, account, 5000);
	await changeDailyGrant(world.db, account, 50_000);
	expect(await world.availableTokens(account)).toBe(46_000);
});

test("case 9: a downgrade below what is used waits for the next bucket", async () => {
	await spend(4000);
	await changeDailyGrant(world.db, account, 100);
	expect(await world.availableTokens(account)).toBe(1000);
	await world.setClock(new Date("2026-11-21T00:00:00Z"));
	expect(await world.availableTokens(account)).toBe(100);
});

test.each([-5, 0.5, Number.NaN, 2 ** 63, 1_000_000_001])(
	"row 59: %p tokens a day are refused",
	async (tokens) => {
		await expect(changeDailyGrant(world.db, account, tokens)).rejects.toMatchObject({
			code: "REQUEST_INVALID",
		});
	},
);

test.each([
	"",
	"../x",
	"EST5EDT4,M3.2.0,M11.1.0",
	"posixrules",
	"utc",
	"asia/shanghai",
	"posix/Asia/Shanghai",
	"UTC\0",
	"Mars/Olympus",
	"+03:00",
	" UTC",
])("row 60: %j is no zone", async (zone) => {
	expect(await isZone(world.db, zone)).toBe(false);
	await expect(changeZone(world.db, account, zone)).rejects.toMatchObject({
		code: "REQUEST_INVALID",
		details: { field: "zone", reason: "unknown_zone" },
	});
	await expect(openAccount(world.db, { accountId: account, zone, dailyTokens: 1 })).rejects.toMatchObject({
		code: "REQUEST_INVALID",
	});
});

test("a zone change moves the midnight after the running bucket", async () => {
	await spend(1000);
	await changeZone(world.db, account, "Asia/Shanghai");
	expect(await world.ledger.balance(account)).toMatchObject({
		zone: "Asia/Shanghai",
		resetsAt: new Date("2026-11-21T00:00:00Z"),
		availableMicro: 4000 * MICRO,
	});
	await world.setClock(new Date("2026-11-21T00:00:01Z"));
	const resetsAt = new Date("2026-11-22T16:00:00Z");
	expect(await world.ledger.balance(account)).toMatchObject({ resetsAt, availableMicro: 5000 * MICRO });
	await spend(5000);
	await world.setClock(new Date("2026-11-22T15:59:59Z"));
	expect(await world.availableTokens(account)).toBe(0);
	await world.setClock(new Date("2026-11-22T16:00:00Z"));
	expect(await world.availableTokens(account)).toBe(5000);
});

test("row 61: a zone may be changed once in 30 days", async () => {
	await changeZone(world.db, account, "Asia/Shanghai");
	await changeZone(world.db, account, "Asia/Shanghai");
	await world.setClock(new Date("2026-12-20T11:59:59Z"));
	await expect(changeZone(world.db, account, "Europe/Moscow")).rejects.toMatchObject({
		code: "REQUEST_INVALID",
		details: { field: "zone", reason: "changed_recently", nextChangeAt: "2026-12-20T12:00:00.000Z" },
	});
	await world.setClock(new Date("2026-12-20T12:00:00Z"));
	await changeZone(world.db, account, "Europe/Moscow");
	expect((await world.ledger.balance(account)).zone).toBe("Europe/Moscow");
});

test("case 11: the same grant twice is granted once", async () => {
	const request = {
		accountId: account,
		kind: "pack",
		tokens: 700,
		source: "stars",
		externalId: randomUUID(),
	} as const;
	const outcomes = await Promise.all([grant(world.db, request), grant(world.db, request)]);
	expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(["duplicate", "granted"]);
	expect(await world.availableTokens(account)).toBe(5700);
});

test("case 11: an order completed with another amount or for another account is refused", async () => {
	const other = await world.openAccount();
	const request = {
		accountId: account,
		kind: "pack",
		tokens: 700,
		source: "stars",
		externalId: randomUUID(),
	} as const;
	await grant(world.db, request);
	const conflict = { code: "REQUEST_INVALID", status: 409 };
	await expect(grant(world.db, { ...request, tokens: 7000 })).rejects.toMatchObject(conflict);
	await expect(grant(world.db, { ...request, accountId: other })).rejects.toMatchObject(conflict);
	expect(await world.availableTokens(account)).toBe(5700);
	expect(await world.availableTokens(other)).toBe(0);
});

test.each([-5, 0, 0.5, Number.NaN, 2 ** 63])("row 59: a grant of %p is refused", async (tokens) => {
	const request = { accountId: account, kind: "pack", tokens, source: "staff", externalId: "x" } as const;
	await expect(grant(world.db, request)).rejects.toMatchObject({ code: "REQUEST_INVALID", status: 400 });
});

test("a grant with an end is gone after it; one that would end in the past is refused", async () => {
	const request = { accountId: account, kind: "trial", tokens: 700, source: "staff" } as const;
	const endsAt = new Date("2026-11-20T13:00:00Z");
	await grant(world.db, { ...request, externalId: randomUUID(), endsAt });
	expect(await world.availableTokens(account)).toBe(5700);
	await world.setClock(endsAt);
	expect(await world.availableTokens(account)).toBe(5000);
	await expect(grant(world.db, { ...request, externalId: randomUUID(), endsAt })).rejects.toMatchObject({
		details: { reason: "in_the_past" },
	});
});

test("case 10: a refund is goodwill of its own, also after the day; once", async () => {
	const id = await spend(1200);
	await world.setClock(new Date("2026-11-22T12:00:00Z"));
	expect(await refund(world.db, { reservationId: id, source: "retry" })).toMatchObject({
		kind: "refunded",
		amountMicro: 1200 * MICRO,
	});
	expect(await refund(world.db, { reservationId: id, source: "staff:1" })).toEqual({ kind: "already" });
	expect(await world.availableTokens(account)).toBe(6200);
});

test("what charged nothing is not refunded", async () => {
	const held = randomUUID();
	await world.hold(account, 10, { id: held });
	expect(await refund(world.db, { reservationId: held, source: "retry" })).toEqual({ kind: "nothing" });
	await world.settle(held, 0);
	expect(await refund(world.db, { reservationId: held, source: "retry" })).toEqual({ kind: "nothing" });
	const none = randomUUID();
	expect(await refund(world.db, { reservationId: none, source: "retry" })).toEqual({ kind: "nothing" });
});

test("case 18: an account with an unresolved call has something pending", async () => {
	expect(await hasPending(world.db, account)).toBe(false);
	const id = randomUUID();
	await world.hold(account, 10, { id });
	await world.setClock(new Date("2026-11-21T12:00:00Z"));
	expect(await hasPending(world.db, account)).toBe(true);
	await world.settle(id, 10);
	expect(await hasPending(world.db, account)).toBe(false);
});

test("a warning is said once a bucket and percent", async () => {
	await spend(4100);
	const bucketId = (await world.ledger.balance(account)).buckets[0]?.bucketId ?? "";
	const claims = await Promise.all(
		Array.from({ length: 5 }, async () => await claimWarning(world.db, bucketId, 80)),
	);
	expect(claims.filter(Boolean)).toHaveLength(1);
	expect(await claimWarning(world.db, bucketId, 95)).toBe(true);
});
