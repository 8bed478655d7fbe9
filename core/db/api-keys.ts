import type { Knex } from "knex";

export type KeyOwner = { readonly accountId: string; readonly keyId: string };
export type KeyView = { readonly id: string; readonly createdAt: Date };

/** Owners of live keys of active accounts, in the order of the hashes; one statement for all. */
export async function findKeyOwners(
	db: Knex,
	hashes: readonly Buffer[],
): Promise<readonly (KeyOwner | undefined)[]> {
	const { rows } = await db.raw<{ rows: { place: string; id: string; account_id: string }[] }>(
		`select h.place, k.id, k.account_id from unnest(:hashes::bytea[]) with ordinality h (hash, place)
		join api_keys k on k.hash = h.hash and k.revoked_at is null
		join accounts a on a.id = k.account_id and a.status = 'active'`,
		{ hashes },
	);
	const owners = new Array<KeyOwner | undefined>(hashes.length).fill(undefined);
	for (const row of rows) owners[Number(row.place) - 1] = { accountId: row.account_id, keyId: row.id };
	return owners;
}

/** Live keys, oldest first. */
export async function listKeys(db: Knex, accountId: string): Promise<readonly KeyView[]> {
	const { rows } = await db.raw<{ rows: { id: string; created_at: Date }[] }>(
		"select id, created_at from api_keys where account_id = ? and revoked_at is null order by created_at, id",
		[accountId],
	);
	return rows.map((row) => ({ id: row.id, createdAt: row.created_at }));
}

/** False: the id is taken. */
export async function insertKey(
	trx: Knex,
	key: {
		readonly id: string;
		readonly accountId: string;
		readonly hash: Buffer;
		readonly issuedIn: string | undefined;
	},
): Promise<boolean> {
	const { rows } = await trx.raw<{ rows: unknown[] }>(
		"insert into api_keys (id, account_id, hash, issued_in) values (?, ?, ?, ?) on conflict (id) do nothing returning 1",
		[key.id, key.accountId, key.hash, key.issuedIn ?? null],
	);
	return rows.length > 0;
}

/** False when the account has no such live key. */
export async function revokeKey(db: Knex, accountId: string, keyId: string): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		"update api_keys set revoked_at = now() where account_id = ? and id = ? and revoked_at is null returning 1",
		[accountId, keyId],
	);
	return rows.length > 0;
}

/** Keys that an earlier attempt of the same turn made and nobody saw. */
export async function revokeKeysIssuedIn(trx: Knex, accountId: string, issuedIn: string): Promise<void> {
	await trx.raw(
		"update api_keys set revoked_at = now() where account_id = ? and issued_in = ? and revoked_at is null",
		[accountId, issuedIn],
	);
}

/** The program that speaks with the account's keys, as a sender: platform "http", its user id is the account. */
export async function ensureProgramSender(trx: Knex, accountId: string): Promise<void> {
	await trx.raw(
		`insert into senders (platform, bot_id, user_id, account_id) values ('http', 'http', :accountId::text, :accountId::bigint)
		on conflict (platform, bot_id, user_id) do update set account_id = excluded.account_id`,
		{ accountId },
	);
}
