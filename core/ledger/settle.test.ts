import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { grant } from "./grants.ts";
import { MICRO } from "./ledger.ts";

const NOON = new Date("2026-11-20T12:00:00Z");
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

let world: LedgerWorld;
let account: string;
let id: string;
beforeAll(async () => {
	world = await createLedgerWorld();
});
beforeEach(async () => {
	await world.setClock(NOON);
	account = await world.openAccount({ dailyTokens: 5000 });
	id = randomUUID();
});
afterAll(async () => await world.destroy());
afterEach(async () => expect(await world.violations()).toEqual([]));

async function later(ms: number): Promise<void> {
	await world.setClock(new Date(NOON.getTime() + ms));
}

function settled(chargedTokens: number, overrunTokens = 0): object {
	return { kind: "settled", chargedMicro: chargedTokens * MICRO, overrunMicro: overrunTokens * MICRO };
}

async function state(): Promise<unknown> {
	return await world.db("ledger_reservations").where({ id }).first("state", "bucket_id");
}

test("what was used is charged, the rest comes back", async () => {
	await world.hold(account, 3000, { id });
	expect(await world.settle(id, 1200)).toEqual(settled(1200));
	expect(await world.ledger.balance(account)).toMatchObject({
		pendingMicro: 0,
		postedMicro: 1200 * MICRO,
		availableMicro: 3800 * MICRO,
	});
});

test("a settlement of 0 gives everything back", async () => {
	await world.hold(account, 3000, { id });
	expect(await world.settle(id, 0)).toEqual(settled(0));
	expect(await state()).toMatchObject({ state: "voided" });
	expect(await world.availableTokens(account)).toBe(5000);
});

test("case 3: a second settlement changes nothing and tells what the first came to", async () => {
	await world.hold(account, 3000, { id });
	await world.settle(id, 1200);
	const already = { kind: "already", state: "posted", chargedMicro: 1200 * MICRO, overrunMicro: 0 };
	expect(await world.settle(id, 3000)).toEqual(already);
	expect(await world.settle(id, 0)).toEqual(already);
	expect(await world.availableTokens(account)).toBe(3800);
});

test("case 3: of two settlements in one batch one counts", async () => {
	await world.hold(account, 3000, { id });
	const outcomes = await Promise.all([world.settle(id, 1200), world.settle(id, 1200)]);
	expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(["already", "settled"]);
	expect(await world.availableTokens(account)).toBe(3800);
});

test("an unknown reservation is unknown, its neighbours settle", async () => {
	await world.hold(account, 3000, { id });
	const outcomes = await Promise.all([world.settle(randomUUID(), 10), world.settle(id, 10)]);
	expect(outcomes).toEqual([{ kind: "unknown" }, settled(10)]);
});

test("more than was held is taken from what is free", async () => {
	await world.hold(account, 1000, { id });
	expect(await world.settle(id, 1500)).toEqual(settled(1500));
	expect(await world.availableTokens(account)).toBe(3500);
});

test("what the account cannot pay is the house's loss, never its debt", async () => {
	await world.hold(account, 4000, { id });
	expect(await world.settle(id, 6000)).toEqual(settled(5000, 1000));
	expect(await world.availableTokens(account)).toBe(0);
	const { rows } = await world.db.raw<{ rows: unknown[] }>("select overrun_micro from ledger_house");
	expect(rows).toContainEqual({ overrun_micro: String(1000 * MICRO) });
	await later(DAY);
	expect(await world.availableTokens(account)).toBe(5000);
});

test("an overrun does not touch what other calls hold", async () => {
	const other = randomUUID();
	await world.hold(account, 2000, { id });
	await world.hold(account, 2000, { id: other });
	expect(await world.settle(id, 4000)).toEqual(settled(3000, 1000));
	expect(await world.settle(other, 2000)).toEqual(settled(2000));
});

test("a reservation of several buckets is charged in burn order", async () => {
	const pack = { accountId: account, kind: "pack", tokens: 1000, source: "test", externalId: id } as const;
	await grant(world.db, pack);
	await world.hold(account, 5600, { id });
	expect(await state()).toMatchObject({ bucket_id: null });
	expect(await world.settle(id, 5100)).toEqual(settled(5100));
	const { buckets } = await world.ledger.balance(account);
	expect(
		buckets.map((bucket) => [bucket.kind, bucket.postedMicro / MICRO, bucket.pendingMicro / MICRO]),
	).toEqual([
		["daily", 5000, 0],
		["pack", 100, 0],
	]);
});

test("case 6 and 7: a reservation nobody settles comes back when its time is over", async () => {
	await world.hold(account, 3000, { id, ttlMs: 120 * SECOND });
	await later(119 * SECOND);
	expect(await world.ledger.expire(100)).toBe(0);
	await later(121 * SECOND);
	expect(await world.ledger.expire(100)).toBe(1);
	expect(await world.ledger.expire(100)).toBe(0);
	expect(await state()).toMatchObject({ state: "expired" });
	expect(await world.availableTokens(account)).toBe(5000);
});

test("a reservation of several buckets expires as a whole", async () => {
	await grant(world.db, {
		accountId: account,
		kind: "pack",
		tokens: 1000,
		source: "test",
		externalId: id,
	});
	await world.hold(account, 5600, { id });
	await later(121 * SECOND);
	expect(await world.ledger.expire(100)).toBe(1);
	expect(await world.availableTokens(account)).toBe(6000);
});

test("a heartbeat keeps a long call alive; a resolved one stays as it is", async () => {
	const done = randomUUID();
	await world.hold(account, 1000, { id });
	await world.hold(account, 1000, { id: done });
	await world.settle(done, 1);
	await later(100 * SECOND);
	await world.ledger.heartbeat([id, done, randomUUID()], 120 * SECOND);
	await later(130 * SECOND);
	expect(await world.ledger.expire(100)).toBe(0);
	await later(221 * SECOND);
	expect(await world.ledger.expire(100)).toBe(1);
});

test("case 4: a settlement after expiry is charged from what is free, the rest is the house's", async () => {
	const other = randomUUID();
	await world.hold(account, 3000, { id });
	await later(121 * SECOND);
	await world.ledger.expire(100);
	await world.hold(account, 4000, { id: other });
	expect(await world.settle(id, 2500)).toEqual(settled(1000, 1500));
	expect(await world.settle(id, 2500)).toMatchObject({ kind: "already", state: "posted" });
});

test("case 4: giving back after expiry finds it expired", async () => {
	await world.hold(account, 3000, { id });
	await later(121 * SECOND);
	await world.ledger.expire(100);
	expect(await world.settle(id, 0)).toEqual({
		kind: "already",
		state: "expired",
		chargedMicro: 0,
		overrunMicro: 0,
	});
});

test("an overdue reservation that was not swept yet settles like any other", async () => {
	await world.hold(account, 3000, { id });
	await later(300 * SECOND);
	expect(await world.settle(id, 2500)).toEqual(settled(2500));
});

test("row 62: a call across midnight is charged to the day it began in", async () => {
	await later(DAY / 2 - 30 * SECOND);
	await world.hold(account, 3000, { id });
	await later(DAY / 2 + 30 * SECOND);
	expect(await world.availableTokens(account)).toBe(5000);
	expect(await world.settle(id, 3000)).toEqual(settled(3000));
	expect(await world.availableTokens(account)).toBe(5000);
});

test("an overrun across midnight is taken from the new day", async () => {
	await later(DAY / 2 - 30 * SECOND);
	await world.hold(account, 5000, { id });
	await later(DAY / 2 + 30 * SECOND);
	expect(await world.settle(id, 5600)).toEqual(settled(5600));
	expect(await world.availableTokens(account)).toBe(4400);
});

test("settleIn charges with the caller's transaction or not at all", async () => {
	const second = await world.openAccount({ dailyTokens: 100 });
	const other = randomUUID();
	await world.hold(account, 3000, { id });
	await world.hold(second, 100, { id: other });
	const both = [
		{ reservationId: other, actualMicro: 40 * MICRO },
		{ reservationId: id, actualMicro: 900 * MICRO },
	];
	await expect(
		world.db.transaction(async (trx) => {
			await world.ledger.settleIn(trx, both);
			throw new Error("the answer could not be stored");
		}),
	).rejects.toThrow("could not be stored");
	expect(await world.availableTokens(account)).toBe(2000);
	const outcomes = await world.db.transaction(async (trx) => await world.ledger.settleIn(trx, both));
	expect(outcomes).toEqual([settled(40), settled(900)]);
	expect([await world.availableTokens(account), await world.availableTokens(second)]).toEqual([4100, 60]);
});

test("settleIn of nothing is nothing", async () => {
	expect(await world.db.transaction(async (trx) => await world.ledger.settleIn(trx, []))).toEqual([]);
});
