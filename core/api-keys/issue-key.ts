import type { Knex } from "knex";
import { ensureProgramSender, insertKey, listKeys, revokeKeysIssuedIn } from "../db/api-keys.ts";
import { lockAccount } from "../db/subscriptions.ts";
import { AppError } from "../errors.ts";
import { createApiKey } from "./api-key.ts";

const KEYS_MAX = 5;

/**
 * A key for programs, shown once. `issuedIn` names the turn: the same turn, repeated after a crash, replaces its first key.
 *
 * @throws AppError RATE_LIMITED (details.reason "keys-max") at five live keys; FORBIDDEN for a banned account.
 */
export async function issueKey(
	db: Knex,
	accountId: string,
	issuedIn?: string,
): Promise<{ readonly id: string; readonly key: string }> {
	return await db.transaction(async (trx) => {
		if ((await lockAccount(trx, accountId)) !== "active") {
			throw new AppError("FORBIDDEN", "only an active account gets keys");
		}
		if (issuedIn !== undefined) await revokeKeysIssuedIn(trx, accountId, issuedIn);
		if ((await listKeys(trx, accountId)).length >= KEYS_MAX) {
			throw new AppError("RATE_LIMITED", `an account has at most ${KEYS_MAX} keys`, {
				details: { reason: "keys-max", max: KEYS_MAX },
			});
		}
		await ensureProgramSender(trx, accountId);
		for (;;) {
			const { id, key, hash } = createApiKey();
			if (await insertKey(trx, { id, accountId, hash, issuedIn })) return { id, key };
		}
	});
}
