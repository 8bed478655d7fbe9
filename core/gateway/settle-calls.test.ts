import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createLedger } from "../ledger/create-ledger.ts";
import type { UsageEntry } from "../models/model-call.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, reserveTokens } from "../testing/people.ts";
import type { EndedCall } from "./settle-calls.ts";
import { createSettleCalls } from "./settle-calls.ts";

const MICRO = 1_000_000;
let testDb: TestDb;
let db: Knex;
let accountId: string;
const troubles: unknown[] = [];

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
	accountId = await joinAs(db, makeSender());
});
afterAll(async () => {
	const violations = await db("violations");
	await testDb.destroy();
	expect(violations).toEqual([]);
	expect(troubles).toEqual([]);
});

function settle(ended: EndedCall): Promise<void> {
	const onTrouble = (_: string, error: unknown): void => void troubles.push(error);
	return createSettleCalls({ db, ledger: createLedger({ db }), onTrouble })(ended);
}

function toEnded(reservationId: string, tokens: number, isCapped = false): EndedCall {
	const usage: UsageEntry = {
		...{ accountId, inboxId: undefined, reservationId, channel: "http", source: "api", agentId: undefined },
		...{ providerId: "vendor", model: "model", region: "us", policy: "BEST" },
		...{ inputTokens: tokens, outputTokens: 0, tokensOrigin: "reported", chargedMicro: tokens * MICRO },
		...{ firstTokenMs: 12.4, latencyMs: 20.6, outcome: "complete", errorCode: undefined },
	};
	return { settlement: { reservationId, actualMicro: tokens * MICRO }, usage, isCapped };
}

async function readOne(reservationId: string) {
	const { rows } = await db.raw<{ rows: object[] }>(
		`select r.state, (r.charged_micro / ?)::float8 as charged, (u.charged_micro / ?)::float8 as logged,
			u.first_token_ms as first, u.latency_ms as latency
		from ledger_reservations r left join usage_log u on u.reservation_id = r.id where r.id = ?`,
		[MICRO, MICRO, reservationId],
	);
	return rows[0];
}

test.each([
	["in one statement", false],
	["beside a cap of the key", true],
])("a call is charged and written down once, %s", async (_, isCapped) => {
	const reservationId = await reserveTokens(db, accountId, 100);
	await settle(toEnded(reservationId, 40, isCapped));
	const told = { state: "posted", charged: 40, logged: 40, first: 12, latency: 21 };
	expect(await readOne(reservationId)).toEqual(told);
	// The same end again, as after a lost acknowledgement, even with another figure.
	await settle(toEnded(reservationId, 60, isCapped));
	expect(await readOne(reservationId)).toEqual(told);
});

test("what the ledger took is written down, not what was asked: a call that was charged before its row was written", async () => {
	const reservationId = await reserveTokens(db, accountId, 100);
	await createLedger({ db }).settle({ reservationId, actualMicro: 30 * MICRO });
	await settle(toEnded(reservationId, 70));
	expect(await readOne(reservationId)).toMatchObject({ state: "posted", charged: 30, logged: 30 });
});

test("many calls at once, one of them unknown to the ledger, each get their own row", async () => {
	const ids: string[] = [];
	for (let at = 0; at < 5; at += 1) ids.push(await reserveTokens(db, accountId, 10));
	const onTrouble = (_: string, error: unknown): void => void troubles.push(error);
	const together = createSettleCalls({ db, ledger: createLedger({ db }), onTrouble });
	const stray = randomUUID();
	await Promise.all([...ids, stray].map(async (id, at) => await together(toEnded(id, at + 1))));
	const rows = await Promise.all(ids.map(readOne));
	expect(rows).toMatchObject(ids.map((_, at) => ({ state: "posted", charged: at + 1, logged: at + 1 })));
	expect(await db("usage_log").where({ reservation_id: stray }).first()).toMatchObject({
		charged_micro: String(6 * MICRO),
	});
});
