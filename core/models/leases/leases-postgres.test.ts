import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createDb } from "../../db/connect.ts";
import { writeLeasedUsage } from "../../inbox/write-usage.ts";
import { createLedger } from "../../ledger/create-ledger.ts";
import { exchangeLease } from "../../ledger/exchange-lease.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { MICRO } from "../../ledger/ledger.ts";
import type { LedgerWorld } from "../../testing/ledger-world.ts";
import { createLedgerWorld } from "../../testing/ledger-world.ts";
import type { LeaseShare, UsageEntry } from "../model-call.ts";
import type { LeaseBook } from "./lease-book.ts";
import { createLeaseBook } from "./lease-book.ts";
import { createUsageRows } from "./usage-rows.ts";

const HOLD = 50 * MICRO;
let world: LedgerWorld;
const pools: Knex[] = [];

beforeAll(async () => {
	world = await createLedgerWorld();
});
afterAll(async () => {
	const violations = await world.violations();
	for (const pool of pools) await pool.destroy();
	await world.destroy();
	expect(violations).toEqual([]);
});

function openBook(db: Knex = world.db): LeaseBook {
	const onTrouble = (message: string, error: unknown): never => {
		throw new Error(message, { cause: error });
	};
	return createLeaseBook({
		ledger: createLedger({ db }),
		exchange: async (exchange) => await exchangeLease(db, exchange),
		rows: createUsageRows({ write: async (rows) => await writeLeasedUsage(db, rows), onTrouble }),
		heartbeats: { begin: () => () => undefined },
		onTrouble,
	});
}

function toUsage(accountId: string, tokens: number): UsageEntry {
	return {
		...{ accountId, inboxId: undefined, reservationId: randomUUID(), channel: "http", source: "api" },
		...{ agentId: undefined, providerId: "vendor", model: "model", region: "us", policy: "BEST" },
		...{ inputTokens: tokens, outputTokens: 0, tokensOrigin: "reported", chargedMicro: tokens * MICRO },
		...{ firstTokenMs: 1, latencyMs: 2, outcome: "complete", errorCode: undefined },
	};
}

async function takeFirst(book: LeaseBook, accountId: string): Promise<LeaseShare> {
	for (let call = 0; call < 200; call += 1) {
		const share = await book.take(accountId, HOLD);
		if (share !== undefined) return share;
		// It is fetched meanwhile.
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	throw new Error("no lease");
}

async function readSpent(accountId: string) {
	const { rows } = await world.db.raw<{ rows: Record<string, number>[] }>(
		`select (select coalesce(sum(charged_micro), 0) from ledger_reservations where account_id = :accountId)::float8 / :micro as charged,
			(select coalesce(sum(charged_micro), 0) from usage_log where account_id = :accountId)::float8 / :micro as logged,
			(select count(*) from ledger_reservations where account_id = :accountId and state = 'pending')::integer as pending`,
		{ accountId, micro: MICRO },
	);
	return rows[0] ?? {};
}

test("calls under a lease are charged once, when it ends, and their rows name it", async () => {
	const accountId = await world.openAccount({ dailyTokens: 100_000 });
	const book = openBook();
	const share = await takeFirst(book, accountId);
	const other = await book.take(accountId, HOLD);
	share.end(30 * MICRO, toUsage(accountId, 30));
	other?.end(12 * MICRO, toUsage(accountId, 12));
	await book.close();
	expect(await readSpent(accountId)).toEqual({ charged: 42, logged: 42, pending: 0 });
	const reservations = await world.db("ledger_reservations").where({ account_id: accountId });
	const leases = await world.db("usage_log").where({ account_id: accountId }).pluck("lease_id");
	expect(leases).toEqual([reservations[0].id, reservations[0].id]);
});

test("a lease of a dead node comes back, charged with what its usage rows say and never with more than it held", async () => {
	const accountId = await world.openAccount({ dailyTokens: 1_000 });
	const [plain, lease, spent] = [randomUUID(), randomUUID(), randomUUID()];
	for (const id of [plain, lease, spent]) await world.hold(accountId, 100, { id, ttlMs: 60_000 });
	const rows = [
		{ ...toUsage(accountId, 30), leaseId: lease },
		{ ...toUsage(accountId, 12), leaseId: lease },
		{ ...toUsage(accountId, 130), leaseId: spent },
	];
	await writeLeasedUsage(world.db, rows);
	await writeLeasedUsage(world.db, rows);
	await world.setClock(new Date(Date.now() + 61_000));
	try {
		expect(await world.ledger.expire(500)).toBe(3);
		const states = await world.db("ledger_reservations").where({ account_id: accountId }).select();
		const byId = new Map(states.map(({ id, state, charged_micro }) => [id, [state, charged_micro / MICRO]]));
		expect(byId.get(plain)).toEqual(["expired", 0]);
		expect(byId.get(lease)).toEqual(["posted", 42]);
		expect(byId.get(spent)).toEqual(["posted", 100]);
		expect(await world.availableTokens(accountId)).toBe(1_000 - 142);
		// The node was not dead after all: nothing is charged twice.
		await world.settle(lease, 60);
		expect(await world.availableTokens(accountId)).toBe(1_000 - 142);
	} finally {
		await world.db.raw("delete from test_clock");
	}
});

test("an exchange settles what was spent and holds what is under way; made again it changes nothing", async () => {
	const accountId = await world.openAccount({ dailyTokens: 100 });
	const [leaseId, newLeaseId] = [randomUUID(), randomUUID()];
	await world.hold(accountId, 100, { id: leaseId });
	const exchange = { leaseId, newLeaseId, accountId, ttlMs: 60_000 };
	const figures = { spentMicro: 30 * MICRO, heldMicro: 50 * MICRO };
	expect(await exchangeLease(world.db, { ...exchange, ...figures })).toBe(true);
	expect(await exchangeLease(world.db, { ...exchange, ...figures })).toBe(true);
	expect(await world.availableTokens(accountId)).toBe(20);
	const tooMuch = { leaseId: newLeaseId, newLeaseId: randomUUID(), accountId, ttlMs: 60_000 };
	expect(await exchangeLease(world.db, { ...tooMuch, spentMicro: 10 * MICRO, heldMicro: 61 * MICRO })).toBe(
		false,
	);
	expect(await world.availableTokens(accountId)).toBe(20);
	await world.settle(newLeaseId, 50);
	expect((await readSpent(accountId))["charged"]).toBe(80);
});

test("what a lease does not need is there for a chat that falls short", async () => {
	const accountId = await world.openAccount({ dailyTokens: 16_000 });
	const book = openBook();
	const share = await takeFirst(book, accountId);
	const free = await world.availableTokens(accountId);
	expect(free).toBeLessThan(15_950);
	expect(await world.hold(accountId, 15_950)).toMatchObject({ kind: "insufficient" });
	expect(await book.recall(accountId)).toBe(true);
	const id = randomUUID();
	expect(await world.hold(accountId, 15_950, { id })).toMatchObject({ kind: "reserved" });
	share.end(20 * MICRO, toUsage(accountId, 20));
	await world.settle(id, 0);
	await book.close();
	expect(await readSpent(accountId)).toEqual({ charged: 20, logged: 20, pending: 0 });
});

test("four nodes with leases of one account spend what it has and not one token more", async () => {
	const dailyTokens = 20_000;
	const accountId = await world.openAccount({ dailyTokens });
	const nodes = Array.from({ length: 4 }, () => {
		const db = createDb(world.url, { poolMax: 3, applicationName: "leases-test" });
		pools.push(db);
		return { db, book: openBook(db), ledger: createLedger({ db }) };
	});
	const counts = { told: 0, shared: 0 };
	const clients = nodes.flatMap((node, at) =>
		Array.from({ length: 8 }, async (_, client) => {
			for (let call = 0; call < 40; call += 1) {
				await callOnce(node, accountId, 1 + ((at * 7 + client * 11 + call * 13) % 50), counts);
			}
		}),
	);
	await Promise.all(clients);
	await Promise.all(nodes.map(async ({ book }) => await book.close()));
	const { charged, pending } = await readSpent(accountId);
	expect(charged).toBe(counts.told);
	expect(pending).toBe(0);
	expect(counts.told).toBeLessThanOrEqual(dailyTokens);
	expect(counts.shared).toBeGreaterThan(100);
	expect(await world.availableTokens(accountId)).toBe(dailyTokens - counts.told);
});

type Counts = { told: number; shared: number };

/** From a lease, or with a reservation of its own, as the gateway does it. */
async function callOnce(
	{ book, ledger }: { readonly book: LeaseBook; readonly ledger: Ledger },
	accountId: string,
	tokens: number,
	counts: Counts,
): Promise<void> {
	const share = await book.take(accountId, HOLD);
	if (share !== undefined) {
		await new Promise((resolve) => setImmediate(resolve));
		share.end(tokens * MICRO, toUsage(accountId, tokens));
		counts.shared += 1;
		counts.told += tokens;
		return;
	}
	const reservationId = randomUUID();
	const asked = { reservationId, accountId, minimumMicro: HOLD, wantedMicro: HOLD, ttlMs: 60_000 };
	let outcome = await ledger.reserve(asked);
	if (outcome.kind === "insufficient" && (await book.recall(accountId)))
		outcome = await ledger.reserve(asked);
	if (outcome.kind === "insufficient") return;
	await ledger.settle({ reservationId, actualMicro: tokens * MICRO });
	counts.told += tokens;
}
