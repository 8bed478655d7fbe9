import { afterEach, expect, test } from "@jest/globals";
import type { LeaseExchange } from "../../ledger/exchange-lease.ts";
import type { ReserveRequest, Settlement } from "../../ledger/ledger.ts";
import type { UsageEntry } from "../model-call.ts";
import type { LeaseBook } from "./lease-book.ts";
import { createLeaseBook } from "./lease-book.ts";
import { createUsageRows } from "./usage-rows.ts";

const HOLD = 100;
const ACCOUNT = "7";
const USAGE = { accountId: ACCOUNT, reservationId: "call" } as UsageEntry;

type Fake = {
	readonly book: LeaseBook;
	nowMs: number;
	freeMicro: number;
	isAway: boolean;
	canExchange: boolean;
	readonly reserved: ReserveRequest[];
	readonly settled: Settlement[];
	readonly exchanged: LeaseExchange[];
	readonly written: UsageEntry[];
	readonly troubles: string[];
};

const open: LeaseBook[] = [];
afterEach(async () => {
	for (const book of open.splice(0)) await book.close();
});

function createFake(freeMicro = 1_000_000): Fake {
	const onTrouble = (message: string): void => void fake.troubles.push(message);
	const ask = async <T>(answer: () => T): Promise<T> => {
		await Promise.resolve();
		if (fake.isAway) throw new Error("away");
		return answer();
	};
	const book = createLeaseBook({
		ledger: {
			balance: async () => await ask(() => ({ availableMicro: fake.freeMicro }) as never),
			reserve: async (request) =>
				await ask(() => {
					if (request.minimumMicro > fake.freeMicro) {
						return { kind: "insufficient" as const, availableMicro: fake.freeMicro };
					}
					fake.freeMicro -= request.wantedMicro;
					fake.reserved.push(request);
					return { kind: "reserved" as const, amountMicro: request.wantedMicro };
				}),
			settle: async (settlement) =>
				await ask(() => {
					fake.settled.push(settlement);
					return { kind: "settled" as const, chargedMicro: settlement.actualMicro, overrunMicro: 0 };
				}),
		},
		exchange: async (exchange) =>
			await ask(() => {
				if (fake.canExchange) fake.exchanged.push(exchange);
				return fake.canExchange;
			}),
		rows: createUsageRows({
			write: async (entries) => await ask(() => void fake.written.push(...entries)),
			onTrouble,
		}),
		heartbeats: { begin: () => () => undefined },
		now: () => fake.nowMs,
		onTrouble,
	});
	open.push(book);
	const fake: Fake = {
		...{ book, nowMs: 0, freeMicro, isAway: false, canExchange: true },
		...{ reserved: [], settled: [], exchanged: [], written: [], troubles: [] },
	};
	return fake;
}

/** Calls before it, so that the account is one that calls often; the last of them has the lease fetched. */
async function warm({ book }: Fake): Promise<void> {
	for (let call = 0; call < 4; call += 1) expect(await book.take(ACCOUNT, HOLD)).toBeUndefined();
	await new Promise((resolve) => setImmediate(resolve));
}

async function take(fake: Fake) {
	const share = await fake.book.take(ACCOUNT, HOLD);
	if (share === undefined) throw new Error("no lease");
	return share;
}

test("who calls now and then has no lease", async () => {
	const fake = createFake();
	for (let call = 0; call < 10; call += 1) {
		expect(await fake.book.take(ACCOUNT, HOLD)).toBeUndefined();
		fake.nowMs += 10_100;
	}
	expect(fake.reserved).toEqual([]);
});

test("many calls at once share one lease, which is settled once with what they cost when it is idle", async () => {
	const fake = createFake();
	await warm(fake);
	const shares = await Promise.all(Array.from({ length: 6 }, async () => await take(fake)));
	for (const share of shares) share.end(30, USAGE);
	for (const share of shares) share.end(30, USAGE);
	await fake.book.beat();
	expect(fake.settled).toEqual([]);
	fake.nowMs += 10_000;
	await fake.book.beat();
	const leaseId = fake.reserved[0]?.reservationId;
	expect(fake.settled).toEqual([{ reservationId: leaseId, actualMicro: 180 }]);
	expect(fake.written).toEqual(Array(6).fill({ ...USAGE, leaseId }));
});

test("a lease is a small part of what is free, and there is none where that would be less than two calls", async () => {
	const fake = createFake(16 * HOLD * 2 - 1);
	await warm(fake);
	expect(await fake.book.take(ACCOUNT, HOLD)).toBeUndefined();
	expect(fake.reserved).toEqual([]);
	fake.freeMicro += 1;
	fake.nowMs += 31_000;
	await warm(fake);
	await take(fake);
	expect(fake.reserved).toMatchObject([{ wantedMicro: HOLD * 2 }]);
});

test("a call that came to nothing costs nothing and writes nothing", async () => {
	const fake = createFake();
	await warm(fake);
	(await take(fake)).end(0, undefined);
	fake.nowMs += 10_000;
	await fake.book.beat();
	expect(fake.settled).toMatchObject([{ actualMicro: 0 }]);
	expect(fake.written).toEqual([]);
});

test("recalled, a lease keeps what its calls hold, under a new id, and is charged there for what ends later", async () => {
	const fake = createFake();
	await warm(fake);
	const [ended, going] = [await take(fake), await take(fake)];
	ended.end(40, USAGE);
	expect(await fake.book.recall(ACCOUNT)).toBe(true);
	const [exchange] = fake.exchanged;
	expect(exchange).toMatchObject({ spentMicro: 40, heldMicro: HOLD });
	expect(await fake.book.recall(ACCOUNT)).toBe(false);
	going.end(70, USAGE);
	await fake.book.close();
	expect(fake.settled).toEqual([{ reservationId: exchange?.newLeaseId, actualMicro: 70 }]);
	expect(fake.written.map(({ leaseId }) => leaseId)).toEqual([exchange?.leaseId, exchange?.newLeaseId]);
});

test("an exchange whose outcome is not known is made again as it was, and rows wait for it", async () => {
	const fake = createFake();
	await warm(fake);
	const [ended, going] = [await take(fake), await take(fake)];
	ended.end(40, USAGE);
	await fake.book.beat();
	fake.isAway = true;
	await fake.book.recall(ACCOUNT);
	fake.isAway = false;
	await fake.book.recall(ACCOUNT);
	going.end(50, USAGE);
	await fake.book.close();
	expect(fake.settled).toMatchObject([{ actualMicro: 50 }]);
	expect(fake.written).toHaveLength(2);
});

test("where an exchange cannot be, the lease stays as it is until its calls have ended", async () => {
	const fake = createFake();
	await warm(fake);
	fake.canExchange = false;
	const going = await take(fake);
	await fake.book.recall(ACCOUNT);
	going.end(70, USAGE);
	await fake.book.close();
	expect(fake.settled).toEqual([{ reservationId: fake.reserved[0]?.reservationId, actualMicro: 70 }]);
});

test("with the database away calls go on from the lease, until shortly before its expiry", async () => {
	const fake = createFake();
	await warm(fake);
	const first = await take(fake);
	fake.isAway = true;
	for (; fake.nowMs < 85_000; fake.nowMs += 1_000) {
		(await take(fake)).end(0, undefined);
		await fake.book.beat();
	}
	fake.nowMs = 90_000;
	expect(await fake.book.take(ACCOUNT, HOLD)).toBeUndefined();
	fake.isAway = false;
	first.end(10, USAGE);
	await fake.book.close();
	expect(fake.settled).toMatchObject([{ actualMicro: 10 }]);
	expect(fake.troubles).toContain("a quota lease could not be had");
});

test("a lease that is old is followed by the next one, and what streams do not need comes back", async () => {
	const fake = createFake();
	await warm(fake);
	const stream = await take(fake);
	fake.nowMs += 7_500;
	(await take(fake)).end(5, USAGE);
	await fake.book.beat();
	expect(fake.reserved).toHaveLength(2);
	fake.nowMs += 1_000;
	await fake.book.beat();
	expect(fake.exchanged).toMatchObject([{ spentMicro: 5, heldMicro: HOLD }]);
	stream.end(60, USAGE);
	await fake.book.close();
	expect(fake.settled.reduce((sum, { actualMicro }) => sum + actualMicro, 0)).toBe(60);
});

test("a lease is settled at its age between two calls, also where there is not enough for the next one", async () => {
	const fake = createFake();
	await warm(fake);
	fake.freeMicro = 0;
	for (; fake.nowMs < 15_000; fake.nowMs += 3_000) {
		(await take(fake)).end(1, USAGE);
		await fake.book.beat();
	}
	expect(fake.settled).toEqual([]);
	await fake.book.beat();
	expect(fake.settled).toMatchObject([{ actualMicro: 5 }]);
});

test("what is fetched while the book closes is not left behind", async () => {
	const fake = createFake();
	for (let call = 0; call < 4; call += 1) await fake.book.take(ACCOUNT, HOLD);
	await fake.book.close();
	await new Promise((resolve) => setImmediate(resolve));
	expect(fake.settled).toHaveLength(fake.reserved.length);
});

test("a lease that was settled is not settled again by its successor", async () => {
	const fake = createFake();
	await warm(fake);
	(await take(fake)).end(1, USAGE);
	fake.nowMs += 10_000;
	await fake.book.beat();
	expect(await fake.book.take(ACCOUNT, HOLD)).toBeUndefined();
	await new Promise((resolve) => setImmediate(resolve));
	(await take(fake)).end(2, USAGE);
	await fake.book.close();
	expect(fake.settled.map(({ actualMicro }) => actualMicro)).toEqual([1, 2]);
});
