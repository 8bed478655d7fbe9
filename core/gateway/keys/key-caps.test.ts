import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Knex } from "knex";
import { issueKey } from "../../api-keys/issue-key.ts";
import { revokeKey } from "../../db/api-keys.ts";
import { deleteLostKeyHolds } from "../../db/gateway-caps.ts";
import type { TestDb } from "../../testing/create-test-db.ts";
import { createTestDb } from "../../testing/create-test-db.ts";
import { joinAs, makeSender } from "../../testing/people.ts";
import type { HeldKey, HoldKeyRequest, KeyCaps } from "./key-caps.ts";
import { createKeyCaps, settleKeyHolds } from "./key-caps.ts";

let testDb: TestDb;
let db: Knex;
let caps: KeyCaps;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
	caps = createKeyCaps(db);
	await setClock("2026-11-20T10:30:00Z");
});
afterAll(async () => await testDb.destroy());

type Capped = { readonly dailyCapMicro: number | undefined; readonly idleCapMicro: number | undefined };
type Key = Capped & { readonly keyId: string; readonly accountId: string };

async function makeKey(capped: Partial<Capped>): Promise<Key> {
	const accountId = await joinAs(db, makeSender());
	const { id } = await issueKey(db, accountId, capped);
	return { keyId: id, accountId, dailyCapMicro: undefined, idleCapMicro: undefined, ...capped };
}

async function setClock(at: string): Promise<void> {
	await db.raw(
		`create or replace function ledger_now() returns timestamptz language sql volatile as 'select ''${at}''::timestamptz'`,
	);
}

function ask(wantedMicro: number, more: Partial<HoldKeyRequest> = {}): HoldKeyRequest {
	return { reservationId: randomUUID(), wantedMicro, source: "api", ttlMs: 60_000, ...more };
}

async function settle(hold: HeldKey | undefined, chargedMicro: number): Promise<void> {
	await settleKeyHolds(db, [{ reservationId: hold?.holdId ?? randomUUID(), chargedMicro }]);
}

const refused = (reason: string, resetsAt: string) => ({
	code: "BILLING_QUOTA_EXCEEDED",
	details: { reason, resetsAt },
});
const DAY_END = "2026-11-21T00:00:00.000Z";
const HOUR_END = "2026-11-20T11:00:00.000Z";

describe("a daily cap", () => {
	test("is never exceeded by 50 calls at once on its last tokens, on two nodes", async () => {
		const key = await makeKey({ dailyCapMicro: 1_000 });
		await settle(await caps.hold(key, ask(950)), 930);
		const other = createKeyCaps(db);
		const calls = Array.from(
			{ length: 50 },
			async (_, n) => await (n % 2 === 0 ? caps : other).hold(key, ask(20)),
		);
		const outcomes = await Promise.allSettled(calls);
		const held = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
		expect(held).toHaveLength(3);
		expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
			reason: refused("key-daily-cap", DAY_END),
		});
		await settle(held[0], 5);
		expect(await caps.hold(key, ask(25))).toMatchObject({ amountMicro: 25 });
	});

	test("holds less than is wanted where less is left, if that is of use", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		await expect(caps.hold(key, ask(101))).rejects.toMatchObject(refused("key-daily-cap", DAY_END));
		expect(await caps.hold(key, ask(500, { minimumMicro: 80 }))).toMatchObject({ amountMicro: 100 });
		await expect(caps.hold(key, ask(1))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
	});

	test("of nothing lets nothing through", async () => {
		const key = await makeKey({ dailyCapMicro: 0 });
		await expect(caps.hold(key, ask(1, { minimumMicro: 0 }))).rejects.toMatchObject({
			code: "BILLING_QUOTA_EXCEEDED",
		});
	});

	test("holds once for one reservation, and is charged once", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		const request = ask(60);
		const holds = await Promise.all([1, 2, 3].map(async () => await caps.hold(key, request)));
		expect(new Set(holds.map((hold) => hold?.amountMicro))).toEqual(new Set([60]));
		await settle(holds[0], 50);
		await settle(holds[0], 50);
		expect(await caps.hold(key, ask(50))).toMatchObject({ amountMicro: 50 });
	});

	test("counts what was raised or lowered meanwhile, whatever a node remembers of the key", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		await db.raw("update api_keys set daily_cap_micro = 10 where id = ?", [key.keyId]);
		await expect(caps.hold(key, ask(50))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
		await db.raw("update api_keys set daily_cap_micro = null where id = ?", [key.keyId]);
		expect(await caps.hold(key, ask(5_000))).toMatchObject({ amountMicro: 5_000 });
	});

	test("begins anew with the day of the account's zone; a call is charged to the day it began in", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		await db.raw("update ledger_accounts set zone = 'Asia/Shanghai' where account_id = ?", [key.accountId]);
		const long = await caps.hold(key, ask(100, { ttlMs: 86_400_000 }));
		await expect(caps.hold(key, ask(1))).rejects.toMatchObject(
			refused("key-daily-cap", "2026-11-20T16:00:00.000Z"),
		);
		await setClock("2026-11-20T16:00:00Z");
		try {
			expect(await caps.hold(key, ask(40))).toMatchObject({ amountMicro: 40 });
			await settle(long, 100);
			expect(await caps.hold(key, ask(60))).toMatchObject({ amountMicro: 60 });
			await expect(caps.hold(key, ask(1))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
		} finally {
			await setClock("2026-11-20T10:30:00Z");
		}
	});
});

describe("a cap on what nobody asked for", () => {
	test("counts heartbeats and scheduled calls of an hour, and no others", async () => {
		const key = await makeKey({ idleCapMicro: 100 });
		expect(await caps.hold(key, ask(5_000, { source: "chat" }))).toBeUndefined();
		await settle(await caps.hold(key, ask(60, { source: "heartbeat" })), 60);
		await expect(caps.hold(key, ask(41, { source: "cron" }))).rejects.toMatchObject(
			refused("key-idle-cap", HOUR_END),
		);
		expect(await caps.hold(key, ask(40, { source: "cron" }))).toMatchObject({ amountMicro: 40 });
	});

	test("leaves the daily cap to the calls of people", async () => {
		const key = await makeKey({ dailyCapMicro: 1_000, idleCapMicro: 100 });
		await settle(await caps.hold(key, ask(100, { source: "heartbeat" })), 100);
		await expect(caps.hold(key, ask(1, { source: "heartbeat" }))).rejects.toMatchObject(
			refused("key-idle-cap", HOUR_END),
		);
		expect(await caps.hold(key, ask(900))).toMatchObject({ amountMicro: 900 });
	});
});

describe("a hold", () => {
	test("of a dead node no longer counts once it expired; one that goes on does", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		const [dead, long] = [await caps.hold(key, ask(50)), await caps.hold(key, ask(50))];
		if (dead === undefined || long === undefined) throw new Error("not held");
		await caps.extend([long], 120_000);
		await caps.extend([], 1);
		await setClock("2026-11-20T10:31:00Z");
		try {
			expect(await caps.hold(key, ask(50))).toMatchObject({ amountMicro: 50 });
			await expect(caps.hold(key, ask(1))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
		} finally {
			await setClock("2026-11-20T10:30:00Z");
		}
	});

	test("that came too late is charged all the same, and what never comes is swept", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		const [late] = [await caps.hold(key, ask(50)), await caps.hold(key, ask(50))];
		await setClock("2026-11-20T11:31:00Z");
		try {
			await settle(late, 80);
			await expect(caps.hold(key, ask(21))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
			expect(await deleteLostKeyHolds(db, 1_000)).toBe(0);
			await setClock("2026-11-20T11:31:01Z");
			expect(await deleteLostKeyHolds(db, 1_000)).toBeGreaterThan(0);
			expect(await db("api_key_holds").where({ key_id: key.keyId })).toEqual([]);
		} finally {
			await setClock("2026-11-20T10:30:00Z");
		}
	});

	test("of a key that ended meanwhile is refused", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		await revokeKey(db, key.accountId, key.keyId);
		await expect(caps.hold(key, ask(1))).rejects.toMatchObject({ code: "AUTH_INVALID_CREDENTIALS" });
		const unknown = { ...key, keyId: "nobody" };
		await expect(caps.hold(unknown, ask(1))).rejects.toMatchObject({ code: "AUTH_INVALID_CREDENTIALS" });
	});

	test("that is settled in a transaction which fails is there still", async () => {
		const key = await makeKey({ dailyCapMicro: 100 });
		const hold = await caps.hold(key, ask(100));
		const failed = db.transaction(async (trx) => {
			await settleKeyHolds(trx, [{ reservationId: hold?.holdId ?? "", chargedMicro: 1 }]);
			throw new Error("no answer");
		});
		await expect(failed).rejects.toThrow("no answer");
		await expect(caps.hold(key, ask(1))).rejects.toMatchObject({ code: "BILLING_QUOTA_EXCEEDED" });
		await settle(hold, 0);
		expect(await caps.hold(key, ask(100))).toMatchObject({ amountMicro: 100 });
	});
});

test("a key without caps costs no statement", async () => {
	const nowhere = createKeyCaps({} as Knex);
	const key = { keyId: "k", dailyCapMicro: undefined, idleCapMicro: undefined };
	expect(await nowhere.hold(key, ask(5, { source: "heartbeat" }))).toBeUndefined();
	await settleKeyHolds({} as Knex, []);
});

test("whatever is held and settled at the same time, what is spent and held stays within both caps", async () => {
	const call = fc.record({
		wantedMicro: fc.integer({ min: 1, max: 40 }),
		minimumMicro: fc.integer({ min: 1, max: 5 }),
		isIdle: fc.boolean(),
		share: fc.float({ min: 0, max: 1, noNaN: true }),
		isLost: fc.boolean(),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 25 }), async (calls) => {
			const key = await makeKey({ dailyCapMicro: 100, idleCapMicro: 30 });
			await Promise.all(
				calls.map(async ({ wantedMicro, minimumMicro, isIdle, share, isLost }) => {
					const source = isIdle ? "cron" : "chat";
					const minimum = Math.min(minimumMicro, wantedMicro);
					const request = ask(wantedMicro, { minimumMicro: minimum, source });
					const hold = await caps.hold(key, request).catch(() => undefined);
					expect(hold === undefined || hold.amountMicro >= minimum).toBe(true);
					if (hold !== undefined && !isLost) await settle(hold, Math.floor(hold.amountMicro * share));
				}),
			);
			const { rows } = await db.raw(
				`select (s.day_micro + coalesce(sum(h.amount_micro), 0))::int as day,
					(s.idle_micro + coalesce(sum(h.amount_micro) filter (where h.is_idle), 0))::int as idle
				from api_key_spending s left join api_key_holds h using (key_id) where s.key_id = ? group by s.key_id`,
				[key.keyId],
			);
			expect(rows[0].day).toBeLessThanOrEqual(100);
			expect(rows[0].idle).toBeLessThanOrEqual(30);
		}),
		{ numRuns: 20 },
	);
}, 60_000);

test("without the lock of the key the caps break, so the test above would see it", async () => {
	const broken = await createTestDb();
	try {
		await broken.db.raw(
			`create or replace function key_caps_lock(p_keys text[]) returns void language sql as 'select'`,
		);
		// Between reading what is left and taking it: what two connections do at the same time without a lock.
		await broken.db.raw(`create function key_caps_pause() returns trigger language plpgsql as
			'begin perform pg_sleep(0.2); return new; end'`);
		await broken.db.raw(`create trigger pause before insert on api_key_holds
			for each row execute function key_caps_pause()`);
		const accountId = await joinAs(broken.db, makeSender());
		const { id: keyId } = await issueKey(broken.db, accountId, { dailyCapMicro: 100 });
		const key = { keyId, dailyCapMicro: 100, idleCapMicro: undefined };
		await createKeyCaps(broken.db).hold(key, ask(1));
		const nodes = [createKeyCaps(broken.db), createKeyCaps(broken.db)];
		const outcomes = await Promise.allSettled(nodes.map(async (node) => await node.hold(key, ask(90))));
		expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
	} finally {
		await broken.destroy();
	}
});
