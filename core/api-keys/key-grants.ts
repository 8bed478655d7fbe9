import { hash } from "node:crypto";
import type { Knex } from "knex";
import type { FoundGrant } from "../db/api-keys.ts";
import { findKeyGrants, findLiveKeys, noteKeyUse } from "../db/api-keys.ts";
import { createBatcher } from "../db/batcher.ts";
import { AppError } from "../errors.ts";
import type { KeyGrant } from "../gateway/key-grant.ts";

/** How long a revoked key may still work on another node (source: security S20). */
const CACHE_MS = 5_000;
const CACHE_MAX = 20_000;
const BATCH_MAX = 500;

export type KeyGrants = {
	/**
	 * Whose key it is and what it may do. Whatever is wrong with a key (its form, its id, revoked, expired, a banned account)
	 * takes the same way: a hash and a look-up. The same object for the same key, as long as it is remembered.
	 *
	 * @throws AppError AUTH_INVALID_CREDENTIALS
	 */
	find(key: string): Promise<KeyGrant>;
	/** True while the key is good: asked of the database, for streams that go on. @throws when the database cannot say. */
	isLive(grant: Pick<KeyGrant, "keyId">): Promise<boolean>;
	/** Forgets what this node remembers of an account's keys, after a revocation, a ban or a deletion. */
	forget(accountId: string): void;
};

type Remembered = { readonly grant: KeyGrant; readonly untilMs: number };

/**
 * Keys known to be good are remembered for 5 s by their full hash, never beyond their expiry; bad ones never are. What many
 * callers ask at a time is one statement, and one key is looked up once. `nowMs` is any monotonic clock.
 */
export function createKeyGrants(db: Knex, nowMs: () => number = () => performance.now()): KeyGrants {
	const known = new Map<string, Remembered>();
	const asked = new Map<string, Promise<KeyGrant>>();
	/** Look-ups that began before something was forgotten are not remembered. */
	let generation = 0;
	const load = createBatcher({
		run: async (hashes: readonly Buffer[]) => await loadGrants(db, hashes),
		itemsMax: BATCH_MAX,
		parallelMax: 2,
	});
	const isLive = createBatcher({
		run: async (keyIds: readonly string[]) => {
			const live = await findLiveKeys(db, [...new Set(keyIds)]);
			return keyIds.map((keyId) => live.has(keyId));
		},
		itemsMax: BATCH_MAX,
		parallelMax: 2,
	});

	async function lookUp(name: string): Promise<KeyGrant> {
		// Before the look-up: what it reads may be 5 s old when it is forgotten, not older.
		const [startMs, startGeneration] = [nowMs(), generation];
		const found = await load(Buffer.from(name, "base64"));
		known.delete(name);
		if (found === undefined) throw new AppError("AUTH_INVALID_CREDENTIALS", "no live key has this hash");
		if (generation !== startGeneration) return found.grant;
		for (const oldest of known.keys()) {
			if (known.size < CACHE_MAX) break;
			known.delete(oldest);
		}
		const untilMs = startMs + Math.min(CACHE_MS, found.expiresInMs ?? CACHE_MS);
		known.set(name, { grant: found.grant, untilMs });
		return found.grant;
	}

	return {
		find: async (key) => {
			const name = hash("sha256", key, "base64");
			const remembered = known.get(name);
			if (remembered !== undefined && nowMs() < remembered.untilMs) return remembered.grant;
			const running = asked.get(name);
			if (running !== undefined) return await running;
			const answer = lookUp(name);
			asked.set(name, answer);
			try {
				return await answer;
			} finally {
				if (asked.get(name) === answer) asked.delete(name);
			}
		},
		isLive: async ({ keyId }) => await isLive(keyId),
		forget: (accountId) => {
			generation += 1;
			asked.clear();
			for (const [name, { grant }] of known) if (grant.accountId === accountId) known.delete(name);
		},
	};
}

async function loadGrants(db: Knex, hashes: readonly Buffer[]): Promise<readonly (FoundGrant | undefined)[]> {
	const grants = await findKeyGrants(db, hashes);
	const unused = grants.flatMap((found) => (found?.wasUnused === true ? [found.grant.keyId] : []));
	// When a key was last used is for its owner's eyes: no reason for a call to wait or to fail.
	if (unused.length > 0) noteKeyUse(db, unused).catch(() => undefined);
	return grants;
}
