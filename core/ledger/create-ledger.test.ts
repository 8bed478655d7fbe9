import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { createLedger } from "./create-ledger.ts";
import type { Ledger } from "./ledger.ts";
import { MICRO } from "./ledger.ts";

type Fault = { readonly when: "before" | "after"; readonly error: Error };

let world: LedgerWorld;
let account: string;
let faults: Fault[];
let statements: number;
let ledger: Ledger;
beforeAll(async () => {
	world = await createLedgerWorld();
	ledger = createLedger({ db: withFaults(world.db) });
});
beforeEach(async () => {
	account = await world.openAccount({ dailyTokens: 5000 });
	faults = [];
	statements = 0;
});
afterAll(async () => await world.destroy());
afterEach(async () => expect(await world.violations()).toEqual([]));

/** A connection that fails as told, before a statement ran or after it was committed. */
function withFaults(db: Knex): Knex {
	const run = async (sql: string, bindings: Knex.RawBinding[]): Promise<unknown> => {
		statements += 1;
		const fault = faults.shift();
		if (fault?.when === "before") throw fault.error;
		const result: unknown = await db.raw(sql, bindings);
		if (fault !== undefined) throw fault.error;
		return result;
	};
	const raw = (sql: string, bindings: Knex.RawBinding[]): Promise<unknown> => {
		const running = run(sql, bindings);
		return Object.assign(running, { options: () => running });
	};
	return { raw } as unknown as Knex;
}

const lost = new Error("Connection terminated unexpectedly");
const deadlock = Object.assign(new Error("deadlock detected"), { code: "40P01" });
const broken = Object.assign(new Error("disk full"), { code: "53100" });

function ask(tokens: number): Parameters<Ledger["reserve"]>[0] {
	const amount = { minimumMicro: tokens * MICRO, wantedMicro: tokens * MICRO };
	return { reservationId: randomUUID(), accountId: account, ...amount, ttlMs: 60_000 };
}

test("calls of one moment share a statement", async () => {
	const asked = [ask(100), ask(200), ask(300)];
	await Promise.all(asked.map(async (request) => await ledger.reserve(request)));
	expect(statements).toBe(1);
	await Promise.all(
		asked.map(async ({ reservationId }) => await ledger.settle({ reservationId, actualMicro: MICRO })),
	);
	expect(statements).toBe(2);
	expect(await world.availableTokens(account)).toBe(4997);
});

test("case 8: a deadlock is tried again", async () => {
	faults = [
		{ when: "before", error: deadlock },
		{ when: "before", error: deadlock },
	];
	expect(await ledger.reserve(ask(100))).toEqual({ kind: "reserved", amountMicro: 100 * MICRO });
	expect(statements).toBe(3);
});

test("a third failure is passed on", async () => {
	faults = Array.from({ length: 3 }, () => ({ when: "before", error: deadlock }) as const);
	await expect(ledger.reserve(ask(100))).rejects.toBe(deadlock);
	expect(await world.availableTokens(account)).toBe(5000);
});

test("reservations whose commit was acknowledged to nobody are found again, not made twice", async () => {
	faults = [{ when: "after", error: lost }];
	const outcomes = await Promise.all([ledger.reserve(ask(100)), ledger.reserve(ask(200))]);
	expect(outcomes).toEqual([
		{ kind: "reserved", amountMicro: 100 * MICRO },
		{ kind: "reserved", amountMicro: 200 * MICRO },
	]);
	expect(await world.availableTokens(account)).toBe(4700);
});

test("a settlement whose commit was acknowledged to nobody says what it charged", async () => {
	const request = ask(1000);
	await ledger.reserve(request);
	faults = [{ when: "after", error: lost }];
	expect(await ledger.settle({ reservationId: request.reservationId, actualMicro: 5600 * MICRO })).toEqual({
		kind: "settled",
		chargedMicro: 5000 * MICRO,
		overrunMicro: 600 * MICRO,
	});
});

test("a server that fails otherwise fails the batch at once, not call by call", async () => {
	faults = [{ when: "before", error: broken }];
	const ends = await Promise.allSettled([ledger.reserve(ask(1)), ledger.reserve(ask(2))]);
	expect(ends.map((end) => end.status)).toEqual(["rejected", "rejected"]);
	expect(statements).toBe(1);
});
