import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { assertDailyTokens } from "./amounts.ts";

/** Days between two changes of an account's zone (security rows 60-61). */
const ZONE_CHANGE_DAYS = 30;

export type NewLedgerAccount = {
	/** A row of `accounts`. */
	readonly accountId: string;
	/** IANA name, letter for letter as the server lists it. */
	readonly zone: string;
	/** Whole tokens a day; 0 for none. */
	readonly dailyTokens: number;
	/** True: nothing today, the first daily bucket begins at the next midnight (a person who left and came back). */
	readonly startsTomorrow?: boolean;
};

/**
 * Opens the quota account of an account. Opening it again changes nothing.
 *
 * @throws AppError REQUEST_INVALID (details.field "zone" or "dailyTokens")
 */
export async function openAccount(db: Knex, account: NewLedgerAccount): Promise<void> {
	const { accountId, zone, dailyTokens, startsTomorrow = false } = account;
	assertDailyTokens(dailyTokens);
	await requireZone(db, zone);
	await db.raw("select ledger_open_account(?::bigint, ?::text, ?::bigint, ?::boolean)", [
		accountId,
		zone,
		dailyTokens,
		startsTomorrow,
	]);
}

/**
 * Sets the tokens a day from the next daily bucket on. A higher figure also fills the running bucket up to it; a lower one
 * leaves the running bucket alone.
 *
 * @throws AppError REQUEST_INVALID for a figure that is none, INTERNAL for an unknown account
 */
export async function changeDailyGrant(db: Knex, accountId: string, dailyTokens: number): Promise<void> {
	assertDailyTokens(dailyTokens);
	const { rows } = await db.raw<{ rows: { changed: boolean }[] }>(
		"select ledger_change_daily_grant(?::bigint, ?::bigint) as changed",
		[accountId, dailyTokens],
	);
	if (rows[0]?.changed !== true) throw unknownAccount(accountId);
}

/**
 * Moves the account's midnight. Takes effect when the running daily bucket ends; the bucket after it ends at the first
 * midnight of the new zone that is at least 24 hours later, so that hopping gains nothing. The zone it already has is no change.
 *
 * @throws AppError REQUEST_INVALID: details.field "zone"; details.reason "unknown_zone", or "changed_recently" with
 *   details.nextChangeAt (ISO instant); INTERNAL for an unknown account
 */
export async function changeZone(db: Knex, accountId: string, zone: string): Promise<void> {
	await requireZone(db, zone);
	const { rows } = await db.raw<{ rows: { outcome: string; next_change_at: Date | null }[] }>(
		"select * from ledger_change_zone(?::bigint, ?::text, ?::integer)",
		[accountId, zone, ZONE_CHANGE_DAYS],
	);
	const row = rows[0];
	if (row === undefined || row.outcome === "unknown_account") throw unknownAccount(accountId);
	if (row.outcome === "changed_recently") {
		throw new AppError("REQUEST_INVALID", "the zone was changed less than 30 days ago", {
			details: {
				field: "zone",
				reason: "changed_recently",
				nextChangeAt: row.next_change_at?.toISOString() ?? "",
			},
		});
	}
}

/** True while a reservation of the account is unresolved: it must not be deleted then. */
export async function hasPending(db: Knex, accountId: string): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		"select 1 from ledger_buckets where account_id = ?::bigint and pending_micro > 0 limit 1",
		[accountId],
	);
	return rows.length > 0;
}

/** True for a name of the server's zone list; a POSIX rule, a path or other spelling is none. */
export async function isZone(db: Knex, zone: string): Promise<boolean> {
	// PostgreSQL's text holds no NUL, and the driver would answer with an error instead of "no".
	if (zone.includes("\0")) return false;
	const { rows } = await db.raw<{ rows: unknown[] }>("select 1 from ledger_zones where name = ?::text", [
		zone,
	]);
	return rows.length > 0;
}

async function requireZone(db: Knex, zone: string): Promise<void> {
	if (await isZone(db, zone)) return;
	throw new AppError("REQUEST_INVALID", "not a time zone of the server's list", {
		details: { field: "zone", reason: "unknown_zone" },
	});
}

function unknownAccount(accountId: string): AppError {
	return new AppError("INTERNAL", `no quota account ${accountId}`);
}
