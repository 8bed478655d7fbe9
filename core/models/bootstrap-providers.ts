import type { Knex } from "knex";
import { listAdminProviders, listEnvSecrets, lockBootstrap, writeEnvProviders } from "../db/providers.ts";
import type { ProviderSeed } from "../providers/provider.ts";

/** What of the secret store is needed for keys. */
export type KeyStore = {
	put(tenant: string, purpose: string, value: string): Promise<string>;
	get(id: string): Promise<string>;
	remove(id: string): Promise<void>;
};

const TENANT = "platform";
const PURPOSE = "provider-key";

/**
 * Brings the providers of the environment into the database, once a start. Keys that did not change are not written again;
 * those that nobody uses any more are removed. Nodes that start together take turns.
 */
export async function bootstrapProviders(
	db: Knex,
	secrets: KeyStore,
	seeds: readonly ProviderSeed[],
): Promise<void> {
	await db.transaction(async (lock) => {
		await lockBootstrap(lock);
		const stored = await listEnvSecrets(db);
		// Their keys are the admin's: one of the environment would be stored again at each start, for nobody.
		const admins = new Set(await listAdminProviders(db));
		const withKeys: (ProviderSeed & { secretId: string | undefined })[] = [];
		for (const seed of seeds) {
			const apiKey = admins.has(seed.id) ? "" : seed.apiKey;
			withKeys.push({ ...seed, secretId: await storeKey(secrets, apiKey, stored.get(seed.id)) });
		}
		const orphans = await db.transaction(async (trx) => await writeEnvProviders(trx, withKeys));
		for (const id of orphans) await secrets.remove(id);
	});
}

/** The id of the stored key; undefined where there is none. */
async function storeKey(
	secrets: KeyStore,
	apiKey: string,
	storedId: string | undefined,
): Promise<string | undefined> {
	if (apiKey === "") return undefined;
	// A key that cannot be read (a lost key-encryption key) is written anew.
	const current = storedId === undefined ? undefined : await secrets.get(storedId).catch(() => undefined);
	return current === apiKey ? storedId : await secrets.put(TENANT, PURPOSE, apiKey);
}
