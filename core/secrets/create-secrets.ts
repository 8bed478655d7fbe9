import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { createDataKeys } from "./data-keys.ts";
import type { Place } from "./envelope.ts";
import { open, readKeyId, seal } from "./envelope.ts";
import { createKekSource } from "./kek-source.ts";
import type { KeyRing } from "./key-files.ts";

export type Secrets = {
	/** Stores a value under a new id. */
	put(tenant: string, purpose: string, value: string): Promise<string>;
	/** The value, which the log blacks out from now on. @throws AppError INTERNAL when it is unknown or does not open. */
	get(id: string): Promise<string>;
	/** @throws AppError INTERNAL when the id is unknown. */
	replace(id: string, value: string): Promise<void>;
	/** Removing twice is fine. */
	remove(id: string): Promise<void>;
	/** The value of this tenant and purpose; the first caller on any node makes it. */
	ensure(tenant: string, purpose: string, make: () => string): Promise<string>;
	/** Wraps every data key with the newest key-encryption key. Answers how many were wrapped anew. Nodes go on meanwhile. */
	rotateKek(): Promise<number>;
};

export type SecretsOptions = {
	readonly db: Knex;
	/** Reads the key files; asked again when a data key needs one that is not known. */
	readonly readKeys: () => Promise<KeyRing>;
	readonly registerSecret: (value: string) => void;
};

type Row = {
	readonly id: string;
	readonly tenant: string;
	readonly purpose: string;
	readonly record: string;
};

const ENSURE_LOCK = 7_462_301_157;

/** Envelope encryption: a data key a tenant, wrapped by keys that live in files (source: design security, S19). */
export function createSecrets(options: SecretsOptions): Secrets {
	const { db, registerSecret } = options;
	const dataKeys = createDataKeys(db, createKekSource(options.readKeys));

	async function toRecord(id: string, tenant: string, value: string): Promise<string> {
		registerSecret(value);
		return seal(await dataKeys.require(tenant), toPlace(id, tenant), Buffer.from(value));
	}

	async function put(tenant: string, purpose: string, value: string): Promise<string> {
		const id = randomUUID();
		const record = await toRecord(id, tenant, value);
		await db<Row>("secrets").insert({ id, tenant, purpose, record });
		return id;
	}

	async function get(id: string): Promise<string> {
		const { tenant, record } = await requireRow(db, id);
		try {
			const key = await dataKeys.find(tenant, readKeyId(record));
			const value = open(key, toPlace(id, tenant), record).toString();
			registerSecret(value);
			return value;
		} catch (error) {
			throw new AppError("INTERNAL", `secret ${id} cannot be opened`, { cause: error });
		}
	}

	async function findId(tenant: string, purpose: string): Promise<string | undefined> {
		return (await db<Row>("secrets").where({ tenant, purpose }).orderBy("created_at").first("id"))?.id;
	}

	return {
		put,
		get,
		async replace(id, value) {
			const { tenant } = await requireRow(db, id);
			const record = await toRecord(id, tenant, value);
			await db("secrets")
				.where({ id })
				.update({ record, updated_at: db.raw("clock_timestamp()") });
		},
		async remove(id) {
			await db("secrets").where({ id }).delete();
		},
		async ensure(tenant, purpose, make) {
			const found = await findId(tenant, purpose);
			if (found !== undefined) return await get(found);
			return await db.transaction(async (lock) => {
				await lock.raw("select pg_advisory_xact_lock(?)", [ENSURE_LOCK]);
				return await get((await findId(tenant, purpose)) ?? (await put(tenant, purpose, make())));
			});
		},
		rotateKek: dataKeys.rewrap,
	};
}

async function requireRow(db: Knex, id: string): Promise<Row> {
	const row = await db<Row>("secrets").where({ id }).first();
	if (row === undefined) throw new AppError("INTERNAL", `there is no secret ${id}`);
	return row;
}

function toPlace(id: string, tenant: string): Place {
	return { table: "secrets", column: "record", rowId: id, tenant };
}
