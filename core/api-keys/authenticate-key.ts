import type { Knex } from "knex";
import type { KeyOwner } from "../db/api-keys.ts";
import { findKeyOwners } from "../db/api-keys.ts";
import { createBatcher } from "../db/batcher.ts";
import { AppError } from "../errors.ts";
import { hashKey } from "./api-key.ts";

/** How long a revoked key may still work on another node (source: security S20). */
const CACHE_MS = 5_000;
const CACHE_MAX = 20_000;
const BATCH_MAX = 500;

export type KeyRing = {
	/**
	 * Whose key it is. Whatever is wrong with a key (its form, its id, revoked, a banned account) takes the same way: a hash
	 * and a look-up.
	 *
	 * @throws AppError AUTH_INVALID_CREDENTIALS
	 */
	authenticate(key: string): Promise<KeyOwner>;
	/** Forgets what this node remembers of an account's keys, after a revocation, a ban or a deletion. */
	forget(accountId: string): void;
};

/** Keys known to be good are remembered for 5 s by their full hash; bad ones never are. `nowMs` is any monotonic clock. */
export function createKeyRing(db: Knex, nowMs: () => number = () => performance.now()): KeyRing {
	const known = new Map<string, { readonly owner: KeyOwner; readonly untilMs: number }>();
	const find = createBatcher({
		run: async (hashes: readonly Buffer[]) => await findKeyOwners(db, hashes),
		itemsMax: BATCH_MAX,
		parallelMax: 2,
	});

	return {
		authenticate: async (key) => {
			const hash = hashKey(key);
			const name = hash.toString("base64");
			const cached = known.get(name);
			if (cached !== undefined && nowMs() < cached.untilMs) return cached.owner;
			// Before the look-up: what it reads may be 5 s old when it is forgotten, not older.
			const untilMs = nowMs() + CACHE_MS;
			const owner = await find(hash);
			known.delete(name);
			if (owner === undefined) throw new AppError("AUTH_INVALID_CREDENTIALS", "no live key has this hash");
			for (const oldest of known.keys()) {
				if (known.size < CACHE_MAX) break;
				known.delete(oldest);
			}
			known.set(name, { owner, untilMs });
			return owner;
		},
		forget: (accountId) => {
			for (const [name, { owner }] of known) if (owner.accountId === accountId) known.delete(name);
		},
	};
}
