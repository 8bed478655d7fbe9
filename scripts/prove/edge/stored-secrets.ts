import { createSecrets } from "../../../core/secrets/create-secrets.ts";
import { createDataKeys } from "../../../core/secrets/data-keys.ts";
import { createKekSource } from "../../../core/secrets/kek-source.ts";
import { readKeyRing } from "../../../core/secrets/key-files.ts";
import type { Canary } from "./canaries.ts";
import type { EdgeWorld } from "./edge-world.ts";

export type Stored = {
	readonly canaries: readonly Canary[];
	/** Why nothing that is stored could be opened. */
	readonly unopened?: string;
};

/** What the program keeps encrypted, opened with its own key files, and the keys it is encrypted with. */
export async function openStored(world: EdgeWorld): Promise<Stored> {
	try {
		return { canaries: await openAll(world) };
	} catch (error) {
		return { canaries: [], unopened: String(error) };
	}
}

async function openAll({ db, directory }: EdgeWorld): Promise<readonly Canary[]> {
	const readKeys = async () => await readKeyRing(`${directory}/keys`);
	const secrets = createSecrets({ db, readKeys, registerSecret: () => undefined });
	const rows = await db<{ id: string; purpose: string }>("secrets").select("id", "purpose");
	const values = await Promise.all(
		rows.map(async ({ id, purpose }) => ({ name: `stored ${purpose}`, secret: await secrets.get(id) })),
	);
	const dataKeys = createDataKeys(db, createKekSource(readKeys));
	const tenants = await db("data_keys").pluck<string[]>("tenant");
	const keys = await Promise.all(tenants.map(async (tenant) => (await dataKeys.require(tenant)).bytes));
	return [
		...values.filter(({ name }) => !name.endsWith("provider-key")),
		...keys.flatMap((bytes, at) => [
			{ name: `data key of ${tenants[at]}`, secret: bytes.toString("base64").replace(/=+$/, "") },
			{ name: `data key of ${tenants[at]} in hex`, secret: bytes.toString("hex") },
		]),
	];
}
