import type { Knex } from "knex";
import type { KeyOptions } from "../db/api-keys.ts";
import { ensureProgramSender, insertKey, listKeys, revokeKeysIssuedIn } from "../db/api-keys.ts";
import { lockAccount } from "../db/subscriptions.ts";
import { AppError } from "../errors.ts";
import { toCidr } from "../gateway/keys/networks.ts";
import { AMOUNT_MICRO_MAX } from "../ledger/ledger.ts";
import { createApiKey } from "./api-key.ts";

/** Of people and programs; the keys of instances are as many as instances. */
const KEYS_MAX = 5;
const NETWORKS_MAX = 50;
/** Source: the check of api_keys.label. */
export const LABEL_LENGTH_MAX = 60;

export type IssueKeyOptions = KeyOptions & {
	/** The turn that asks: the same turn, repeated after a crash, replaces its first key. */
	readonly issuedIn?: string | undefined;
};

/**
 * A key, shown once. Without options it may what its account's plan allows; the key of an instance must name its networks.
 *
 * @throws AppError RATE_LIMITED (details.reason "keys-max") at five live keys; FORBIDDEN for a banned account; REQUEST_INVALID
 *   (details.field) for options that make no sense.
 */
export async function issueKey(
	db: Knex,
	accountId: string,
	options: IssueKeyOptions = {},
): Promise<{ readonly id: string; readonly key: string }> {
	const checked = checkOptions(options);
	const { issuedIn, instanceId } = checked;
	return await db.transaction(async (trx) => {
		if ((await lockAccount(trx, accountId)) !== "active") {
			throw new AppError("FORBIDDEN", "only an active account gets keys");
		}
		if (issuedIn !== undefined) await revokeKeysIssuedIn(trx, accountId, issuedIn);
		if (instanceId === undefined && (await countOwnKeys(trx, accountId)) >= KEYS_MAX) {
			throw new AppError("RATE_LIMITED", `an account has at most ${KEYS_MAX} keys`, {
				details: { reason: "keys-max", max: KEYS_MAX },
			});
		}
		await ensureProgramSender(trx, accountId);
		return await insertNewKey(trx, accountId, checked);
	});
}

/**
 * The key of an instance that waits for somebody: it opens nothing until both become an account's.
 *
 * @throws AppError as `issueKey`
 */
export async function issueNobodysKey(
	trx: Knex,
	options: KeyOptions & { readonly instanceId: string },
): Promise<{ readonly id: string; readonly key: string }> {
	return await insertNewKey(trx, undefined, checkOptions(options));
}

async function insertNewKey(
	trx: Knex,
	accountId: string | undefined,
	options: IssueKeyOptions,
): Promise<{ readonly id: string; readonly key: string }> {
	const { issuedIn } = options;
	for (;;) {
		const { id, key, hash } = createApiKey();
		if (await insertKey(trx, { ...options, id, accountId, hash, issuedIn })) return { id, key };
	}
}

async function countOwnKeys(trx: Knex, accountId: string): Promise<number> {
	const keys = await listKeys(trx, accountId);
	return keys.filter((key) => key.instanceId === undefined).length;
}

function checkOptions(options: IssueKeyOptions): IssueKeyOptions {
	const { instanceId, label, tiers, networks, dailyCapMicro, idleCapMicro, expiresAt } = options;
	// What runs in an instance may give its key away: it is worth nothing elsewhere, unless somebody says so (security S24).
	if (instanceId !== undefined && networks === undefined) throw invalid("networks");
	if (label !== undefined && (label === "" || [...label].length > LABEL_LENGTH_MAX)) throw invalid("label");
	if (tiers?.length === 0) throw invalid("tiers");
	if (!isAmount(dailyCapMicro)) throw invalid("dailyCapMicro");
	if (!isAmount(idleCapMicro)) throw invalid("idleCapMicro");
	if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime())) throw invalid("expiresAt");
	return { ...options, ...(networks !== undefined && { networks: checkNetworks(networks) }) };
}

function checkNetworks(networks: readonly string[]): readonly string[] {
	if (networks.length === 0 || networks.length > NETWORKS_MAX) throw invalid("networks");
	return networks.map((text, place) => {
		const cidr = toCidr(text);
		if (cidr === undefined) throw invalid(`networks.${place}`);
		return cidr;
	});
}

function isAmount(micro: number | undefined): boolean {
	return micro === undefined || (Number.isSafeInteger(micro) && micro >= 0 && micro <= AMOUNT_MICRO_MAX);
}

function invalid(field: string): AppError {
	return new AppError("REQUEST_INVALID", `a key cannot have this ${field}`, { details: { field } });
}
