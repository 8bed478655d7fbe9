import type { Knex } from "knex";

/**
 * Quota, money-like: reserve -> settle | release | expire (design: ledger). Amounts are whole micro-tokens
 * (1 token = 1,000,000), safe integers, never negative, never a float. One row lock an account; the database's clock only.
 */
export type Ledger = {
	/**
	 * Holds up to `wantedMicro`, at least `minimumMicro`, for `ttlMs`. Concurrent calls are batched into one statement.
	 * The same reservationId again holds nothing more: "duplicate" says what became of the first one, so that a caller who
	 * finds it "pending" may go on with it.
	 *
	 * @throws AppError INTERNAL when the account is unknown or an amount is not one; a database failure is passed on (fails closed).
	 */
	reserve(request: ReserveRequest): Promise<ReserveOutcome>;
	/**
	 * Charges `actualMicro` (0 gives everything back). Resolves once: a second settle changes nothing. Batched.
	 *
	 * @throws AppError INTERNAL when the amount is not a whole number of 0..AMOUNT_MICRO_MAX: clip what a provider says first.
	 */
	settle(settlement: Settlement): Promise<SettleOutcome>;
	/**
	 * The same inside the caller's transaction: the answer and its charge are one commit. One statement for all, accounts
	 * locked in id order: call it once a transaction, else two transactions can wait for each other.
	 */
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
	/** Clamped to 1 second .. 1 hour. */
	readonly ttlMs: number;
};

export type ReservationState = "pending" | "posted" | "voided" | "expired";

export type ReserveOutcome =
	| { readonly kind: "reserved"; readonly amountMicro: number }
	/** amountMicro: what the first one held. */
	| { readonly kind: "duplicate"; readonly state: ReservationState; readonly amountMicro: number }
	| { readonly kind: "insufficient"; readonly availableMicro: number };

export type Settlement = { readonly reservationId: string; readonly actualMicro: number };

/** overrunMicro: what the account could not pay; the house's loss, never the user's debt. chargedMicro + overrunMicro = actual. */
export type SettleOutcome =
	| { readonly kind: "settled"; readonly chargedMicro: number; readonly overrunMicro: number }
	| {
			readonly kind: "already";
			readonly state: Exclude<ReservationState, "pending">;
			readonly chargedMicro: number;
			readonly overrunMicro: number;
	  }
	| { readonly kind: "unknown" };

export type Balance = {
	readonly grantedMicro: number;
	readonly postedMicro: number;
	readonly pendingMicro: number;
	readonly availableMicro: number;
	/** When the next daily bucket begins; undefined for an account with no daily grant. */
	readonly resetsAt: Date | undefined;
	/** IANA name of the account's zone. */
	readonly zone: string;
	/** Live buckets in burn order, the used-up ones too. */
	readonly buckets: readonly BucketBalance[];
};

export type BucketKind = "daily" | "pack" | "month" | "trial" | "goodwill";

export type BucketBalance = {
	/** "0" for today's daily bucket before the first call of the day: the grant is there, its row is made by the first reserve. */
	readonly bucketId: string;
	readonly kind: BucketKind;
	readonly grantedMicro: number;
	readonly postedMicro: number;
	readonly pendingMicro: number;
	/** undefined: never. */
	readonly endsAt: Date | undefined;
};

/** Micro-tokens in a token. */
export const MICRO = 1_000_000;

/** Upper bound of one amount, in micro-tokens: a billion tokens. Sums of a few such stay safe integers. */
export const AMOUNT_MICRO_MAX = 1_000_000_000 * MICRO;
