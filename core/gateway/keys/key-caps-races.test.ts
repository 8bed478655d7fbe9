import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { issueKey } from "../../api-keys/issue-key.ts";
import { createLedger } from "../../ledger/create-ledger.ts";
import { createTestDb } from "../../testing/create-test-db.ts";
import { joinAs, makeSender } from "../../testing/people.ts";
import type { HeldKey } from "./key-caps.ts";
import { createKeyCaps, settleKeyHolds } from "./key-caps.ts";

const CAP = 500_000;
const NODES = 3;
const ROUNDS = 12;
const CALLS = 30;

type Key = { readonly accountId: string; readonly keyId: string };
type Call = Key & { readonly reservationId: string; readonly hold: HeldKey };
type Stats = { charged: Map<string, number>; refused: number };

function draw<Item>(items: readonly Item[]): Item {
	const item = items[Math.floor(Math.random() * items.length)];
	if (item === undefined) throw new Error("nothing to draw from");
	return item;
}

async function makeKeys(db: Knex): Promise<readonly Key[]> {
	const keys: Key[] = [];
	for (let account = 0; account < 4; account += 1) {
		const accountId = await joinAs(db, makeSender());
		for (let n = 0; n < 2; n += 1) {
			const { id: keyId } = await issueKey(db, accountId, { dailyCapMicro: CAP });
			keys.push({ accountId, keyId });
		}
	}
	return keys;
}

/** As a node works: many calls hold at a time, and many answers with their charges are one commit. */
async function runNode(db: Knex, keys: readonly Key[], stats: Stats): Promise<void> {
	const [ledger, caps] = [createLedger({ db }), createKeyCaps(db)];
	const begin = async (): Promise<Call | undefined> => {
		const [key, reservationId, amount] = [
			draw(keys),
			randomUUID(),
			1_000 + Math.floor(Math.random() * 20_000),
		];
		await ledger.reserve({ ...key, reservationId, minimumMicro: amount, wantedMicro: amount, ttlMs: 60_000 });
		const request = { reservationId, wantedMicro: amount, source: "api", ttlMs: 60_000 } as const;
		const hold = await caps
			.hold({ ...key, dailyCapMicro: CAP, idleCapMicro: undefined }, request)
			.catch(() => undefined);
		if (hold !== undefined) return { ...key, reservationId, hold };
		stats.refused += 1;
		await ledger.settle({ reservationId, actualMicro: 0 });
		return undefined;
	};
	for (let round = 0; round < ROUNDS; round += 1) {
		const begun = await Promise.all(Array.from({ length: CALLS }, begin));
		const calls = begun.filter((call) => call !== undefined);
		await caps.extend(
			calls.map(({ hold }) => hold),
			60_000,
		);
		const charges = calls.map((call) => ({
			...call,
			chargedMicro: Math.floor(call.hold.amountMicro * Math.random()),
		}));
		await db.transaction(async (trx) => {
			await ledger.settleIn(
				trx,
				charges.map(({ reservationId, chargedMicro }) => ({ reservationId, actualMicro: chargedMicro })),
			);
			await settleKeyHolds(trx, charges);
		});
		for (const { keyId, chargedMicro } of charges) {
			stats.charged.set(keyId, (stats.charged.get(keyId) ?? 0) + chargedMicro);
		}
	}
}

test("nodes that hold and charge many keys at a time never wait in a circle, lose nothing and exceed no cap", async () => {
	const { db, destroy } = await createTestDb({ poolMax: 12 });
	try {
		// No midnight in the middle of it.
		await db.raw(`create or replace function ledger_now() returns timestamptz language sql volatile as
			'select ''2026-11-20T10:00Z''::timestamptz'`);
		const keys = await makeKeys(db);
		const stats: Stats = { charged: new Map(), refused: 0 };
		await Promise.all(Array.from({ length: NODES }, async () => await runNode(db, keys, stats)));
		const rows = await db("api_key_spending").select("key_id", "day_micro");
		const spent = new Map(rows.map((row) => [row.key_id, Number(row.day_micro)]));
		expect(spent).toEqual(stats.charged);
		expect(Math.max(...spent.values())).toBeLessThanOrEqual(CAP);
		expect(await db("api_key_holds")).toEqual([]);
		expect((await db.raw("select * from violations")).rows).toEqual([]);
		await db.raw("select pg_stat_force_next_flush()");
		const { rows: deadlocks } = await db.raw(
			"select deadlocks::int from pg_stat_database where datname = current_database()",
		);
		expect(deadlocks).toEqual([{ deadlocks: 0 }]);
		expect(stats.refused).toBeGreaterThan(0);
	} finally {
		await destroy();
	}
}, 60_000);
