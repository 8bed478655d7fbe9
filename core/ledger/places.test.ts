import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { grant } from "./grants.ts";
import { MICRO } from "./ledger.ts";

let world: LedgerWorld;
beforeAll(async () => {
	world = await createLedgerWorld();
});
afterAll(async () => {
	await world.destroy();
});

test("tokens that end before the day does are burnt first, also where the day's bucket is known already", async () => {
	const account = await world.openAccount({ dailyTokens: 1_000 });
	await world.hold(account, 10);
	const day = (await world.db("ledger_accounts").where({ account_id: account }).first("day_ends_at")) as {
		readonly day_ends_at: Date;
	};
	await grant(world.db, {
		accountId: account,
		kind: "trial",
		tokens: 500,
		source: "test",
		externalId: randomUUID(),
		endsAt: new Date((Date.now() + day.day_ends_at.getTime()) / 2),
	});
	await world.hold(account, 100);
	expect(await pendingByKind(account)).toEqual({ daily: 10 * MICRO, trial: 100 * MICRO });
});

test("hints that point to somebody else's rows are not followed", async () => {
	const [account, other] = [
		await world.openAccount({ dailyTokens: 1_000 }),
		await world.openAccount({ dailyTokens: 1_000 }),
	];
	await world.hold(account, 1);
	await world.hold(other, 1);
	await world.db.raw(
		`update ledger_accounts a set day_bucket_id = o.day_bucket_id from ledger_accounts o
		where a.account_id = ? and o.account_id = ?`,
		[account, other],
	);
	const id = randomUUID();
	await world.hold(account, 300, { id });
	await world.db.raw(
		`update ledger_reservations set account_place = (select ctid from ledger_accounts where account_id = ?) where id = ?`,
		[other, id],
	);
	expect(await isLockedBySettling(id, account)).toBe(true);
	expect(await world.ledger.balance(account)).toMatchObject({
		postedMicro: 100 * MICRO,
		pendingMicro: MICRO,
	});
	expect(await world.ledger.balance(other)).toMatchObject({ postedMicro: 0, pendingMicro: MICRO });
	expect(await world.violations()).toEqual([]);
});

test("a settlement locks its account where the reservation saw it, and where it went since", async () => {
	const account = await world.openAccount({ dailyTokens: 1_000 });
	const [still, moved] = [randomUUID(), randomUUID()];
	await world.hold(account, 200, { id: still });
	await world.hold(account, 200, { id: moved });
	expect(await isLockedBySettling(still, account)).toBe(true);
	await world.db.raw("update ledger_accounts set zone_changed_at = now() where account_id = ?", [account]);
	expect(await isLockedBySettling(moved, account)).toBe(true);
	expect(await world.ledger.balance(account)).toMatchObject({ postedMicro: 200 * MICRO, pendingMicro: 0 });
});

/** Settles 100 tokens in a transaction, and tells whether nobody else could move tokens of the account until its end. */
async function isLockedBySettling(reservationId: string, accountId: string): Promise<boolean> {
	return await world.db.transaction(async (trx) => {
		await world.ledger.settleIn(trx, [{ reservationId, actualMicro: 100 * MICRO }]);
		const { rows } = await world.db.raw<{ rows: unknown[] }>(
			"select from ledger_accounts where account_id = ? for no key update skip locked",
			[accountId],
		);
		return rows.length === 0;
	});
}

async function pendingByKind(accountId: string): Promise<Record<string, number>> {
	const rows = await world
		.db("ledger_buckets")
		.where({ account_id: accountId })
		.select("kind", "pending_micro");
	return Object.fromEntries(
		(rows as { kind: string; pending_micro: string }[]).map((row) => [row.kind, Number(row.pending_micro)]),
	);
}
