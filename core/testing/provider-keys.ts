import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import type { KeyStore } from "../models/bootstrap-providers.ts";

export type TestKeys = KeyStore & { readonly values: Map<string, string> };

/** Rows as the real store makes them, with the value kept beside. Needs the tenant's row: see `addKeyTenant`. */
export function createTestKeys(db: Knex): TestKeys {
	const values = new Map<string, string>();
	return {
		values,
		async put(tenant, purpose, value) {
			const id = randomUUID();
			await db("secrets").insert({ id, tenant, purpose, record: "v1" });
			values.set(id, value);
			return id;
		},
		async get(id) {
			const value = await Promise.resolve(values.get(id));
			if (value === undefined) throw new Error("no such secret");
			return value;
		},
		async remove(id) {
			await db("secrets").where({ id }).delete();
			values.delete(id);
		},
	};
}

export async function addKeyTenant(db: Knex): Promise<void> {
	await db("data_keys").insert({ tenant: "platform", kek_id: "k", wrapped: "v1.x" });
}
