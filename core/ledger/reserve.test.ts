import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { grant } from "./grants.ts";
import { AMOUNT_MICRO_MAX, MICRO } from "./ledger.ts";

let world: LedgerWorld;
beforeAll(async () => {
	world = await createLedgerWorld();
});
afterAll(async () => await world.destroy());
afterEach(async () => expect(await world.violations()).toEqual([]));

test("a reservation holds what was wanted", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	expect(await world.hold(account, 3000)).toEqual({ kind: "reserved", amountMicro: 3000 * MICRO });
	expect(await world.ledger.balance(account)).toMatchObject({
		grantedMicro: 5000 * MICRO,
		pendingMicro: 3000 * MICRO,
		postedMicro: 0,
		availableMicro: 2000 * MICRO,
	});
});

test("less than wanted is held when it is at least the minimum", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	expect(await world.hold(account, 8000, { atLeast: 256 })).toEqual({
		kind: "reserved",
		amountMicro: 5000 * MICRO,
	});
});

test("less than the minimum holds nothing and says what is free", async () => {
	const account = await world.openAccount({ dailyTokens: 200 });
	expect(await world.hold(account, 8000, { atLeast: 256 })).toEqual({
		kind: "insufficient",
		availableMicro: 200 * MICRO,
	});
	expect(await world.availableTokens(account)).toBe(200);
});

test("an account without any grant affords nothing, not even a minimum of 0", async () => {
	const account = await world.openAccount();
	expect(await world.hold(account, 1, { atLeast: 0 })).toEqual({ kind: "insufficient", availableMicro: 0 });
});

test("case 2: a duplicate id holds nothing more, and tells what became of the first", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	const id = randomUUID();
	await world.hold(account, 1000, { id });
	const again = await world.hold(account, 4000, { id });
	expect(again).toEqual({ kind: "duplicate", state: "pending", amountMicro: 1000 * MICRO });
	expect(await world.availableTokens(account)).toBe(4000);
	await world.settle(id, 700);
	expect(await world.hold(account, 4000, { id })).toMatchObject({ kind: "duplicate", state: "posted" });
});

test("case 2: the same id twice in one batch is held once, its neighbours are served", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	const id = randomUUID();
	const outcomes = await Promise.all([
		world.hold(account, 1000, { id }),
		world.hold(account, 500),
		world.hold(account, 1000, { id }),
	]);
	expect(outcomes.map((outcome) => outcome.kind)).toEqual(["reserved", "reserved", "duplicate"]);
	expect(await world.availableTokens(account)).toBe(3500);
});

test("an id another account used is a duplicate too and holds nothing", async () => {
	const [first, second] = [
		await world.openAccount({ dailyTokens: 100 }),
		await world.openAccount({ dailyTokens: 100 }),
	];
	const id = randomUUID();
	await world.hold(first, 60, { id });
	expect(await world.hold(second, 60, { id })).toMatchObject({ kind: "duplicate" });
	expect(await world.availableTokens(second)).toBe(100);
});

test("the bucket that ends first is burned first, and one call may take from several", async () => {
	const account = await world.openAccount({ dailyTokens: 1000 });
	const monthEnd = new Date(Date.now() + 20 * 86_400_000);
	await grant(world.db, {
		accountId: account,
		kind: "pack",
		tokens: 500,
		source: "test",
		externalId: randomUUID(),
	});
	await grant(world.db, {
		accountId: account,
		kind: "month",
		tokens: 300,
		source: "test",
		externalId: randomUUID(),
		endsAt: monthEnd,
	});
	expect(await world.hold(account, 1400)).toEqual({ kind: "reserved", amountMicro: 1400 * MICRO });
	const { buckets } = await world.ledger.balance(account);
	expect(buckets.map((bucket) => [bucket.kind, bucket.pendingMicro / MICRO])).toEqual([
		["daily", 1000],
		["month", 300],
		["pack", 100],
	]);
});

test("calls of one batch that together want more than there is are served in order", async () => {
	const account = await world.openAccount({ dailyTokens: 1000 });
	const outcomes = await Promise.all([
		world.hold(account, 600),
		world.hold(account, 600),
		world.hold(account, 400),
	]);
	expect(outcomes.map((outcome) => outcome.kind)).toEqual(["reserved", "insufficient", "reserved"]);
	expect(await world.availableTokens(account)).toBe(0);
});

test("an unknown account fails alone", async () => {
	const account = await world.openAccount({ dailyTokens: 1000 });
	const [unknown, known] = await Promise.allSettled([world.hold("999999999", 10), world.hold(account, 10)]);
	expect(unknown).toMatchObject({ status: "rejected", reason: { code: "INTERNAL" } });
	expect(known).toMatchObject({ status: "fulfilled", value: { kind: "reserved" } });
});

test("an id that is no UUID fails alone", async () => {
	const account = await world.openAccount({ dailyTokens: 1000 });
	const [bad, good] = await Promise.allSettled([
		world.hold(account, 10, { id: "not-a-uuid" }),
		world.hold(account, 10),
	]);
	expect(bad.status).toBe("rejected");
	expect(good).toMatchObject({ status: "fulfilled", value: { kind: "reserved" } });
	expect(await world.availableTokens(account)).toBe(990);
});

test.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 63, AMOUNT_MICRO_MAX + 1])(
	"case 13: an amount of %p is refused before the database sees it",
	async (amount) => {
		const account = await world.openAccount({ dailyTokens: 1000 });
		const request = {
			reservationId: randomUUID(),
			accountId: account,
			minimumMicro: 1,
			wantedMicro: amount,
			ttlMs: 1000,
		};
		await expect(world.ledger.reserve(request)).rejects.toMatchObject({ code: "INTERNAL" });
		await expect(
			world.ledger.settle({ reservationId: randomUUID(), actualMicro: amount }),
		).rejects.toMatchObject({
			code: "INTERNAL",
		});
	},
);

test("case 16: with the database away reserving fails, it never lets a call through", async () => {
	const other = await createLedgerWorld();
	const account = await other.openAccount({ dailyTokens: 1000 });
	await other.destroy();
	await expect(other.hold(account, 10)).rejects.toThrow();
});

test("the journal is append only", async () => {
	await expect(world.db.raw("update ledger_journal set posted_micro = 0")).rejects.toThrow("append only");
	await expect(world.db.raw("delete from ledger_journal")).rejects.toThrow("append only");
	await expect(world.db.raw("truncate ledger_journal")).rejects.toThrow("append only");
});
