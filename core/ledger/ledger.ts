import type { Knex } from "knex";

/**
 * Quota, money-like: reserve -> settle | release | expire (design: ledger). Amounts are whole micro-tokens
 * (1 token = 1,000,000), safe integers, never negative, never a float. One row lock an account; the database's clock only.
 */
export type Ledger = {
	/**
	 * Holds up to `wantedMicro`, at least `minimumMicro`, for `ttlMs`. Concurrent calls are batched into one statement.
	 * The same reservationId again holds nothing more.
	 *
	 * @throws AppError INTERNAL when the account is unknown; a database failure is passed on (fails closed).
	 */
	reserve(request: ReserveRequest): Promise<ReserveOutcome>;
	/** Charges `actualMicro` (0 gives everything back). Resolves once: a second settle changes nothing. Batched. */
	settle(settlement: Settlement): Promise<SettleOutcome>;
	/** The same inside the caller's transaction: the answer and its charge are one commit. One statement for all. */
	settleIn(trx: Knex.Transaction, settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;
	/** Moves the expiry of live reservations to now + ttlMs; the resolved ones stay as they are. */
	heartbeat(reservationIds: readonly string[], ttlMs: number): Promise<void>;
	/** Resolves reservations whose time is over; returns how many. Run by the sweeper. */
	expire(limit: number): Promise<number>;
	balance(accountId: string): Promise<Balance>;
};

export type ReserveRequest = {
	/** UUID; the idempotency key of this attempt. */
	readonly reservationId: string;
	readonly accountId: string;
	readonly minimumMicro: number;
	readonly wantedMicro: number;
	readonly ttlMs: number;
};

export type ReserveOutcome =
	| { readonly kind: "reserved"; readonly amountMicro: number }
	| { readonly kind: "duplicate" }
	| { readonly kind: "insufficient"; readonly availableMicro: number };

export type Settlement = { readonly reservationId: string; readonly actualMicro: number };

/** overrunMicro: what the account could not pay; the house's loss, never the user's debt. chargedMicro + overrunMicro = actual. */
export type SettleOutcome =
	| { readonly kind: "settled"; readonly chargedMicro: number; readonly overrunMicro: number }
	| { readonly kind: "already"; readonly state: "posted" | "voided" | "expired" }
	| { readonly kind: "unknown" };

export type Balance = {
	readonly grantedMicro: number;
	readonly postedMicro: number;
	readonly pendingMicro: number;
	readonly availableMicro: number;
	/** End of the running daily bucket; undefined for an account with no daily grant. */
	readonly resetsAt: Date | undefined;
	/** IANA name of the account's zone. */
	readonly zone: string;
	readonly buckets: readonly BucketBalance[];
};

export type BucketBalance = {
	readonly bucketId: string;
	readonly kind: "daily" | "pack" | "month" | "trial" | "goodwill";
	readonly grantedMicro: number;
	readonly postedMicro: number;
	readonly pendingMicro: number;
	readonly endsAt: Date | undefined;
};

export const MICRO = 1_000_000;
