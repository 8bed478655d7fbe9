import type { Knex } from "knex";

/** Where an instance's secrets are; undefined: it has none yet. */
export type InstanceSecretIds = {
	/** Undefined: it belongs to nobody yet. */
	readonly accountId: string | undefined;
	/** False once it is to be deleted. */
	readonly isWanted: boolean;
	readonly keySecretId: string | undefined;
	readonly tokenSecretId: string | undefined;
};

/** In a transaction it is held until the end of it. Undefined: there is no such instance. */
export async function findInstanceSecrets(
	db: Knex,
	instanceId: string,
): Promise<InstanceSecretIds | undefined> {
	const { rows } = await db.raw<{ rows: Row[] }>(
		`select account_id, desired, key_secret_id, token_secret_id from instances where id = ?::uuid
		${db.isTransaction === true ? "for update" : ""}`,
		[instanceId],
	);
	const row = rows[0];
	return row === undefined
		? undefined
		: {
				accountId: row.account_id ?? undefined,
				isWanted: row.desired !== "deleted",
				keySecretId: row.key_secret_id ?? undefined,
				tokenSecretId: row.token_secret_id ?? undefined,
			};
}

export async function setInstanceSecrets(
	trx: Knex,
	instanceId: string,
	ids: Pick<InstanceSecretIds, "keySecretId" | "tokenSecretId">,
): Promise<void> {
	await trx.raw("update instances set key_secret_id = ?, token_secret_id = ? where id = ?::uuid", [
		...[ids.keySecretId ?? null, ids.tokenSecretId ?? null, instanceId],
	] as Knex.RawBinding[]);
}

/** Deleted ones whose secrets are still there: whoever deleted them died before they were taken away. */
export async function listUndropped(db: Knex, limit: number): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		`select id from instances
		where desired = 'deleted' and (key_secret_id is not null or token_secret_id is not null) limit ?`,
		[limit],
	);
	return rows.map(({ id }) => id);
}

/** Takes away secrets that no instance has, and keys of their own that nothing is encrypted with any more. @returns how many secrets */
export async function deleteStraySecrets(db: Knex): Promise<number> {
	const { rowCount } = await db.raw<{ rowCount: number }>(
		`delete from secrets where tenant like 'instance:%' and created_at < clock_timestamp() - interval '1 hour'
			and id not in (
				select key_secret_id from instances where key_secret_id is not null
				union all select token_secret_id from instances where token_secret_id is not null
			)`,
	);
	await db.raw(
		`delete from data_keys k where k.tenant like 'instance:%'
			and not exists (select from secrets s where s.tenant = k.tenant)
			and not exists (select from instances i where 'instance:' || i.id = k.tenant and i.desired <> 'deleted')`,
	);
	return rowCount;
}

/** What was made with it pays for nothing any more. */
export async function revokeInstanceKeys(db: Knex, instanceId: string): Promise<void> {
	await db.raw("update api_keys set revoked_at = now() where instance_id = ? and revoked_at is null", [
		instanceId,
	]);
}

type Row = {
	readonly account_id: string | null;
	readonly desired: string;
	readonly key_secret_id: string | null;
	readonly token_secret_id: string | null;
};
