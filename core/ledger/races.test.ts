import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createDb } from "../db/connect.ts";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { changeDailyGrant } from "./accounts.ts";
import { createLedger } from "./create-ledger.ts";
import { grant } from "./grants.ts";
import type { Ledger } from "./ledger.ts";
import { MICRO } from "./ledger.ts";

const NODES = 4;
/** The two statements that take the accounts' locks. */
const LOCK = "for no key update";

let world: LedgerWorld;
let nodes: { db: Knex; ledger: Ledger }[];
beforeAll(async () => {
	world = await createLedgerWorld({ poolMax: 6 });
	// Each node has a pool and batches of its own, as separate processes have.
	nodes = Array.from({ length: NODES }, () => {
		const db = createDb(world.url, { poolMax: 3 });
		return { db, ledger: createLedger({ db }) };
	});
});
afterAll(async () => {
	await Promise.all(nodes.map(async ({ db }) => await db.destroy()));
	await world.destroy();
});
afterEach(async () => expect(await world.violations()).toEqual([]));

function node(index: number): Ledger {
	return nodes[index % NODES]?.ledger ?? world.ledger;
}

/** How 50 calls for 300 tokens each end over several nodes at once, by kind. */
async function rush(accountId: string): Promise<Record<string, number>> {
	const ends = await Promise.allSettled(
		Array.from(
			{ length: 50 },
			async (_, index) =>
				await node(index).reserve({
					reservationId: randomUUID(),
					accountId,
					minimumMicro: 300 * MICRO,
					wantedMicro: 300 * MICRO,
					ttlMs: 120_000,
				}),
		),
	);
	const kinds = ends.map((end) => (end.status === "fulfilled" ? end.value.kind : "failed"));
	return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

test("case 1: of 50 parallel calls exactly floor(balance / amount) win", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	expect(await rush(account)).toEqual({ reserved: 16, insufficient: 34 });
	expect(await world.availableTokens(account)).toBe(200);
});

test("the first calls of the day open one daily bucket, however many there are", async () => {
	const account = await world.openAccount({ dailyTokens: 300 });
	expect(await rush(account)).toEqual({ reserved: 1, insufficient: 49 });
	expect((await world.ledger.balance(account)).buckets).toHaveLength(1);
});

test("case 5: a settlement that races the sweeper is charged once, whoever is first", async () => {
	const account = await world.openAccount({ dailyTokens: 5000 });
	const ids = Array.from({ length: 40 }, () => randomUUID());
	await Promise.all(ids.map(async (id) => await world.hold(account, 100, { id })));
	await world.db.raw(
		"update ledger_reservations set expires_at = now() - interval '1 second' where account_id = ?",
		[account],
	);
	await Promise.all([
		...ids.map(
			async (reservationId, index) => await node(index).settle({ reservationId, actualMicro: 50 * MICRO }),
		),
		...nodes.map(async ({ ledger }) => await ledger.expire(10)),
	]);
	expect(await world.ledger.balance(account)).toMatchObject({
		postedMicro: 2000 * MICRO,
		pendingMicro: 0,
	});
});

test("case 8: batches over the same accounts in any order do not deadlock", async () => {
	const accounts = await Promise.all(
		Array.from({ length: 12 }, async () => await world.openAccount({ dailyTokens: 100_000 })),
	);
	const before = await deadlocks();
	async function client(index: number): Promise<void> {
		for (let round = 0; round < 15; round += 1) {
			const mine = accounts.map((accountId) => ({ accountId, reservationId: randomUUID() }));
			if ((index + round) % 2 === 1) mine.reverse();
			await Promise.all(
				mine.map(
					async (one) =>
						await node(index).reserve({
							...one,
							minimumMicro: 1,
							wantedMicro: 5 * MICRO,
							ttlMs: 60_000,
						}),
				),
			);
			const settlements = mine.map(({ reservationId }) => ({ reservationId, actualMicro: 6 * MICRO }));
			const db = nodes[index % NODES]?.db ?? world.db;
			await db.transaction(async (trx) => await node(index).settleIn(trx, settlements));
		}
	}
	await Promise.all(Array.from({ length: NODES * 2 }, async (_, index) => await client(index)));
	expect(await deadlocks()).toBe(before);
	for (const account of accounts)
		expect(await world.availableTokens(account)).toBe(100_000 - NODES * 2 * 15 * 6);
});

test("case 12: grants and plan changes while calls run lose nothing", async () => {
	const account = await world.openAccount({ dailyTokens: 1000 });
	const calls = Array.from({ length: 40 }, async (_, index) => {
		const reservationId = randomUUID();
		const asked = { accountId: account, minimumMicro: 1, wantedMicro: 10 * MICRO, ttlMs: 60_000 };
		await node(index).reserve({ ...asked, reservationId });
		await node(index + 1).settle({ reservationId, actualMicro: 10 * MICRO });
	});
	const grants = Array.from(
		{ length: 10 },
		async (_, index) =>
			await grant(world.db, {
				accountId: account,
				kind: "pack",
				tokens: 100,
				source: "test",
				externalId: `${account}:${index % 5}`,
			}),
	);
	await Promise.all([...calls, ...grants, changeDailyGrant(world.db, account, 3000)]);
	expect(await world.ledger.balance(account)).toMatchObject({
		grantedMicro: 3500 * MICRO,
		postedMicro: 400 * MICRO,
		pendingMicro: 0,
	});
});

test("a settlement that waits for others does not touch a reservation that was made meanwhile", async () => {
	const [account, other] = [
		await world.openAccount({ dailyTokens: 5000 }),
		await world.openAccount({ dailyTokens: 5000 }),
	];
	const [unseen, seen] = [randomUUID(), randomUUID()];
	await world.hold(account, 300);
	await world.hold(other, 100, { id: seen });
	const making = await world.db.transaction();
	await making.raw(
		"select ledger_reserve(array[?::uuid], array[?::bigint], array[1], array[?::bigint], array[60000])",
		[unseen, account, 300 * MICRO],
	);
	const busy = await world.db.transaction();
	await busy.raw("select from ledger_accounts where account_id = ? for no key update", [other]);

	const trx = await world.db.transaction();
	const waiting = world.ledger.settleIn(trx, [
		{ reservationId: unseen, actualMicro: 100 * MICRO },
		{ reservationId: seen, actualMicro: 50 * MICRO },
	]);
	await pollUntil(async () => {
		const { rows } = await world.db.raw<{ rows: unknown[] }>(
			"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		return rows.length === 1;
	});
	await making.commit();
	// somebody else settles it, under the lock of its account
	const settling = await world.db.transaction();
	await world.ledger.settleIn(settling, [{ reservationId: unseen, actualMicro: 200 * MICRO }]);
	await busy.commit();
	await settling.commit();
	const ends = await Promise.allSettled([waiting]);
	await trx.commit();
	const settled = { kind: "settled", chargedMicro: 50 * MICRO, overrunMicro: 0 };
	expect(ends).toEqual([{ status: "fulfilled", value: [{ kind: "unknown" }, settled] }]);
	expect(await world.ledger.balance(account)).toMatchObject({
		postedMicro: 200 * MICRO,
		pendingMicro: 300 * MICRO,
	});
});

test("mutant: without the account's lock the same rush is not exactly right", async () => {
	const mutant = await createLedgerWorld({ poolMax: 12 });
	try {
		await mutant.breakFunction("ledger_reserve(uuid[], bigint[], bigint[], bigint[], bigint[])", LOCK, "");
		// Two readers before the first writer: a trigger holds the first statement open until the other has read.
		await mutant.db.raw(`
			create function wait_a_little() returns trigger language plpgsql as $$
			begin
				perform pg_sleep(1);
				return null;
			end $$;
			create trigger slow after insert on ledger_reservations for each statement execute function wait_a_little();
		`);
		const account = await mutant.openAccount({ dailyTokens: 300 });
		await mutant.hold(account, 1);
		const ledgers = Array.from({ length: 10 }, () => createLedger({ db: mutant.db }));
		// A connection for each of them, so that none comes when the others are done.
		await Promise.all(ledgers.map(async () => await mutant.db.raw("select pg_sleep(0.2)")));
		const ends = await Promise.allSettled(
			ledgers.map(
				async (ledger) =>
					await ledger.reserve({
						reservationId: randomUUID(),
						accountId: account,
						minimumMicro: 200 * MICRO,
						wantedMicro: 200 * MICRO,
						ttlMs: 60_000,
					}),
			),
		);
		const refused = ends.filter((end) => end.status === "fulfilled" && end.value.kind === "insufficient");
		expect(refused.length).not.toBe(9);
	} finally {
		await mutant.destroy();
	}
});

async function deadlocks(): Promise<number> {
	const { rows } = await world.db.raw<{ rows: { deadlocks: string }[] }>(
		"select deadlocks from pg_stat_database where datname = current_database()",
	);
	return Number(rows[0]?.deadlocks);
}
