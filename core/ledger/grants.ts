import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { assertGrantTokens } from "./amounts.ts";
import type { BucketKind } from "./ledger.ts";

/** How long a refund can be spent. */
const GOODWILL_DAYS = 30;

export type GrantRequest = {
	readonly accountId: string;
	readonly kind: Exclude<BucketKind, "daily">;
	/** Whole tokens, 1 .. 1,000,000,000. */
	readonly tokens: number;
	/** Who grants: a payment channel, "staff", "redeem". With externalId the idempotency key. */
	readonly source: string;
	readonly externalId: string;
	/** Absent: never ends. */
	readonly endsAt?: Date;
};

export type GrantOutcome = { readonly kind: "granted" | "duplicate"; readonly bucketId: string };

/**
 * Adds a bucket. The same (source, externalId) again adds nothing.
 *
 * @throws AppError REQUEST_INVALID: a figure out of range, an end in the past, or (status 409) an externalId that was used
 *   for another account, kind or amount; INTERNAL for an unknown account
 */
export async function grant(db: Knex, request: GrantRequest): Promise<GrantOutcome> {
	assertGrantTokens(request.tokens);
	const { rows } = await db.raw<{ rows: { outcome: string; bucket_id: string | null }[] }>(
		"select * from ledger_grant(?::bigint, ?::text, ?::bigint, ?::text, ?::text, ?::timestamptz)",
		[
			request.accountId,
			request.kind,
			request.tokens,
			request.source,
			request.externalId,
			request.endsAt?.toISOString() ?? "infinity",
		],
	);
	const row = rows[0];
	switch (row?.outcome) {
		case "granted":
		case "duplicate":
			return { kind: row.outcome, bucketId: row.bucket_id ?? "" };
		case "mismatch":
			throw new AppError(
				"REQUEST_INVALID",
				`grant ${request.source}/${request.externalId} was made with other figures`,
				{
					status: 409,
					details: { field: "externalId", reason: "used_otherwise" },
				},
			);
		case "ended":
			throw new AppError("REQUEST_INVALID", "the grant would end in the past", {
				details: { field: "endsAt", reason: "in_the_past" },
			});
		default:
			throw new AppError("INTERNAL", `no quota account ${request.accountId}`);
	}
}

export type RefundOutcome =
	| { readonly kind: "refunded"; readonly amountMicro: number; readonly bucketId: string }
	/** It was refunded before. */
	| { readonly kind: "already" }
	/** Unknown, unresolved, or nothing was charged. */
	| { readonly kind: "nothing" };

/**
 * Gives back what a settled reservation charged, once, as a goodwill bucket that ends after 30 days. Old rows stay as they are.
 *
 * source: who refunds and why, such as "retry" or "staff:42"; kept with the bucket.
 */
export async function refund(
	db: Knex,
	request: { readonly reservationId: string; readonly source: string },
): Promise<RefundOutcome> {
	const { rows } = await db.raw<{
		rows: { outcome: RefundOutcome["kind"]; amount_micro: string; bucket_id: string }[];
	}>("select * from ledger_refund(?::uuid, ?::text, ?::integer)", [
		request.reservationId,
		request.source,
		GOODWILL_DAYS,
	]);
	const row = rows[0];
	if (row?.outcome === "refunded") {
		return { kind: "refunded", amountMicro: Number(row.amount_micro), bucketId: row.bucket_id };
	}
	return { kind: row?.outcome === "already" ? "already" : "nothing" };
}
