import type { Knex } from "knex";
import { tryAgain } from "./again.ts";

export type LeaseExchange = {
	readonly leaseId: string;
	readonly accountId: string;
	/** What the lease is settled with. */
	readonly spentMicro: number;
	/** Of its successor; a UUID. */
	readonly newLeaseId: string;
	/** What the calls under way hold. */
	readonly heldMicro: number;
	readonly ttlMs: number;
};

/**
 * Settles a lease and holds what its calls under way need under a new one, in one commit: the rest is free again. The same
 * exchange again changes nothing.
 *
 * @returns false where it cannot be: the old lease stays as it is
 */
export async function exchangeLease(db: Knex, exchange: LeaseExchange): Promise<boolean> {
	const { leaseId, spentMicro, newLeaseId, accountId, heldMicro, ttlMs } = exchange;
	return await tryAgain(async () => {
		const { rows } = await db.raw<{ rows: { done: boolean }[] }>(
			"select ledger_exchange_lease(?::uuid, ?::bigint, ?::uuid, ?::bigint, ?::bigint, ?::bigint) as done",
			[leaseId, spentMicro, newLeaseId, accountId, heldMicro, ttlMs],
		);
		return rows[0]?.done === true;
	});
}
