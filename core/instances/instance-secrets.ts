import { randomBytes } from "node:crypto";
import type { Knex } from "knex";
import { issueKey, issueNobodysKey } from "../api-keys/issue-key.ts";
import type { InstanceSecretIds } from "../db/instance-secrets.ts";
import { findInstanceSecrets, revokeInstanceKeys, setInstanceSecrets } from "../db/instance-secrets.ts";
import { AppError } from "../errors.ts";
import type { Secrets } from "../secrets/create-secrets.ts";

/** What an instance is trusted with. */
export type InstanceSecrets = {
	/** Its own key of our gateway: all it can spend. */
	readonly modelKey: string;
	/** Whoever has it owns the instance (source: security, S29). */
	readonly token: string;
};

export type InstanceSecretsDeps = {
	readonly db: Knex;
	readonly secrets: Pick<Secrets, "put" | "get" | "remove">;
	/** From where its key is worth anything: where its cells call from. */
	readonly networks: readonly string[];
};

/** The secrets of instances, made at the first use and the same for every later cell. */
export type InstanceSafe = {
	/** @throws AppError INSTANCE_NOT_FOUND, FORBIDDEN (an account that gets no keys) */
	open(instanceId: string): Promise<InstanceSecrets>;
	/** What it was trusted with; undefined: nothing yet, or not any more. */
	find(instanceId: string): Promise<InstanceSecrets | undefined>;
	/**
	 * Others in their place: the old ones open nothing from now on.
	 *
	 * @throws AppError as `open`
	 */
	renew(instanceId: string): Promise<void>;
	/** For an instance that is gone for good. Twice is as once. */
	drop(instanceId: string): Promise<void>;
};

type SecretIds = Partial<Pick<InstanceSecretIds, "keySecretId" | "tokenSecretId">>;

const TOKEN_BYTES = 32;

export function createInstanceSafe(deps: InstanceSecretsDeps): InstanceSafe {
	const { db, secrets } = deps;
	let last: Promise<unknown> = Promise.resolve();

	/** One at a time: making them holds one connection while it asks for another. */
	async function makeInTurn(instanceId: string, isRenewal: boolean): Promise<SecretIds> {
		const making = last
			.catch(() => undefined)
			.then(async () => await makeSecrets(deps, instanceId, isRenewal));
		last = making;
		return await making;
	}

	async function remove({ keySecretId, tokenSecretId }: SecretIds): Promise<void> {
		for (const id of [keySecretId, tokenSecretId]) if (id !== undefined) await secrets.remove(id);
	}

	async function find(instanceId: string): Promise<InstanceSecrets | undefined> {
		const { keySecretId, tokenSecretId } = (await findInstanceSecrets(db, instanceId)) ?? {};
		if (keySecretId === undefined || tokenSecretId === undefined) return undefined;
		const [modelKey, token] = await Promise.all([secrets.get(keySecretId), secrets.get(tokenSecretId)]);
		return { modelKey, token };
	}

	return {
		async open(instanceId) {
			const found = await find(instanceId);
			if (found !== undefined) return found;
			await makeInTurn(instanceId, false);
			const made = await find(instanceId);
			if (made === undefined) throw new AppError("INSTANCE_NOT_FOUND", "it went while it was looked at");
			return made;
		},
		find,
		async renew(instanceId) {
			await remove(await makeInTurn(instanceId, true));
		},
		async drop(instanceId) {
			await revokeInstanceKeys(db, instanceId);
			await remove((await findInstanceSecrets(db, instanceId)) ?? {});
		},
	};
}

/**
 * What is not committed leaves an encrypted value nobody refers to, and no key.
 *
 * @returns what was there before, and is now good for nothing
 */
async function makeSecrets(
	{ db, secrets, networks }: InstanceSecretsDeps,
	instanceId: string,
	isRenewal: boolean,
): Promise<SecretIds> {
	return await db.transaction(async (trx) => {
		const found = await findInstanceSecrets(trx, instanceId);
		if (found === undefined) throw new AppError("INSTANCE_NOT_FOUND", "no such instance");
		// A look that began before the deletion must not give it a key again.
		if (!found.isWanted) throw new AppError("INSTANCE_NOT_FOUND", "it is to be deleted");
		const isThere = found.keySecretId !== undefined && found.tokenSecretId !== undefined;
		if (isThere && !isRenewal) return {};
		await revokeInstanceKeys(trx, instanceId);
		const label = `instance ${instanceId.slice(0, 8)}`;
		const terms = { instanceId, label, networks, source: "instance" } as const;
		// Whoever is given the instance is given its key; until then it opens nothing.
		const { key } = await (found.accountId === undefined
			? issueNobodysKey(trx, terms)
			: issueKey(trx, found.accountId, terms));
		const tenant = `instance:${instanceId}`;
		const keySecretId = await secrets.put(tenant, "gateway-key", key);
		const token = randomBytes(TOKEN_BYTES).toString("base64url");
		const tokenSecretId = await secrets.put(tenant, "instance-token", token);
		await setInstanceSecrets(trx, instanceId, { keySecretId, tokenSecretId });
		return found;
	});
}
