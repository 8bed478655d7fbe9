import { createHash, randomBytes } from "node:crypto";
import type { Knex } from "knex";
import type { NamedKey, Place } from "./envelope.ts";
import { open, readKeyId, seal } from "./envelope.ts";
import type { KekSource } from "./kek-source.ts";

export type DataKeys = {
	/** The key of a tenant, made on first use. */
	require(tenant: string): Promise<NamedKey>;
	/** The key a record of this tenant names. @throws Error when the tenant has no such key. */
	find(tenant: string, keyId: string): Promise<NamedKey>;
	/** Wraps every key with the current key-encryption key. Answers how many were wrapped anew. */
	rewrap(): Promise<number>;
};

const KEY_BYTES = 32;
const CACHED_MAX = 1_000;

type Row = { readonly tenant: string; readonly kek_id: string; readonly wrapped: string };

/** One key a tenant, stored wrapped. Opened ones are kept in memory. */
export function createDataKeys(db: Knex, keks: KekSource): DataKeys {
	const cached = new Map<string, NamedKey>();

	async function load(tenant: string): Promise<NamedKey | undefined> {
		const row = await db<Row>("data_keys").where({ tenant }).first("wrapped");
		if (row === undefined) return undefined;
		const bytes = open(await keks.find(readKeyId(row.wrapped)), toPlace(tenant), row.wrapped);
		const key = { id: toKeyId(bytes), bytes };
		if (cached.size >= CACHED_MAX) cached.clear();
		cached.set(tenant, key);
		return key;
	}

	return {
		async require(tenant) {
			const known = cached.get(tenant) ?? (await load(tenant));
			if (known !== undefined) return known;
			const kek = await keks.current();
			const wrapped = seal(kek, toPlace(tenant), randomBytes(KEY_BYTES));
			// another node may be faster; then its key is the one
			await db<Row>("data_keys").insert({ tenant, kek_id: kek.id, wrapped }).onConflict("tenant").ignore();
			const made = await load(tenant);
			if (made === undefined) throw new Error(`the data key of tenant ${tenant} vanished`);
			return made;
		},
		async find(tenant, keyId) {
			const known = cached.get(tenant);
			const key = known?.id === keyId ? known : await load(tenant);
			if (key?.id !== keyId) throw new Error(`tenant ${tenant} has no data key ${keyId}`);
			return key;
		},
		async rewrap() {
			const { current } = await keks.reload();
			let count = 0;
			for (const { tenant, wrapped } of await db<Row>("data_keys")
				.whereNot({ kek_id: current.id })
				.select()) {
				const bytes = open(await keks.find(readKeyId(wrapped)), toPlace(tenant), wrapped);
				const change = { kek_id: current.id, wrapped: seal(current, toPlace(tenant), bytes) };
				// only over what was read, so that two rotations at once cannot undo each other
				count += await db<Row>("data_keys").where({ tenant, wrapped }).update(change);
			}
			return count;
		},
	};
}

/** True when some key-encryption key has been used over this database. */
export async function hasDataKeys(db: Knex): Promise<boolean> {
	return (await db("data_keys").first("tenant")) !== undefined;
}

function toPlace(tenant: string): Place {
	return { table: "data_keys", column: "wrapped", rowId: tenant, tenant };
}

/** Tells data keys apart; 32 bits of a hash give nothing of 256 random bits away. */
function toKeyId(bytes: Buffer): string {
	return `d${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`;
}
