import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { openAccount } from "../ledger/accounts.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import type { Ledger, ReserveOutcome } from "../ledger/ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { TestDb } from "./create-test-db.ts";
import { createTestDb } from "./create-test-db.ts";

export type LedgerWorld = {
	readonly db: Knex;
	readonly url: string;
	readonly ledger: Ledger;
	/** Stops the ledger's clock at this instant. It is the database's own clock until then. */
	setClock(at: Date): Promise<void>;
	openAccount(options?: {
		readonly dailyTokens?: number;
		readonly zone?: string;
		readonly startsTomorrow?: boolean;
	}): Promise<string>;
	/** Whole tokens; at least `atLeast` of them, by default all. */
	hold(accountId: string, tokens: number, options?: HoldOptions): Promise<ReserveOutcome>;
	settle(reservationId: string, tokens: number): ReturnType<Ledger["settle"]>;
	availableTokens(accountId: string): Promise<number>;
	/** Must be empty. */
	violations(): Promise<readonly unknown[]>;
	/** Replaces `from` by `to` in a function of the database, for mutants. @throws when `from` is not in it. */
	breakFunction(signature: string, from: string, to: string): Promise<void>;
	destroy(): Promise<void>;
};

export type HoldOptions = { readonly id?: string; readonly atLeast?: number; readonly ttlMs?: number };

/** A database of its own with a ledger whose clock the test can stop. */
export async function createLedgerWorld(options: { readonly poolMax?: number } = {}): Promise<LedgerWorld> {
	return await toLedgerWorld(await createTestDb(options));
}

/** The same over a migrated database that nobody else uses. */
export async function toLedgerWorld({ db, url, destroy }: TestDb): Promise<LedgerWorld> {
	const ledger = createLedger({ db });
	await db.raw(`
		create table test_clock (at timestamptz);
		create or replace function ledger_now() returns timestamptz language sql volatile as
			'select coalesce((select at from test_clock), clock_timestamp())'
	`);
	return {
		db,
		url,
		ledger,
		setClock: async (at) => {
			await db.raw("with gone as (delete from test_clock) insert into test_clock values (?::timestamptz)", [
				at.toISOString(),
			]);
		},
		openAccount: async ({ dailyTokens = 0, zone = "UTC", startsTomorrow = false } = {}) => {
			const { rows } = await db.raw<{ rows: { id: string }[] }>(
				"insert into accounts default values returning id",
			);
			const accountId = rows[0]?.id ?? "";
			await openAccount(db, { accountId, zone, dailyTokens, startsTomorrow });
			return accountId;
		},
		hold: async (accountId, tokens, { id = randomUUID(), atLeast = tokens, ttlMs = 120_000 } = {}) =>
			await ledger.reserve({
				reservationId: id,
				accountId,
				minimumMicro: atLeast * MICRO,
				wantedMicro: tokens * MICRO,
				ttlMs,
			}),
		settle: async (reservationId, tokens) =>
			await ledger.settle({ reservationId, actualMicro: tokens * MICRO }),
		availableTokens: async (accountId) => (await ledger.balance(accountId)).availableMicro / MICRO,
		violations: async () => (await db.raw<{ rows: unknown[] }>("select * from violations")).rows,
		breakFunction: async (signature, from, to) => {
			const { rows } = await db.raw<{ rows: { code: string }[] }>(
				"select pg_get_functiondef(?::regprocedure) as code",
				[signature],
			);
			const code = rows[0]?.code ?? "";
			if (!code.includes(from)) throw new Error(`${signature} does not contain: ${from}`);
			await db.raw(code.replaceAll(from, to).replaceAll("?", "\\?"));
		},
		destroy,
	};
}
