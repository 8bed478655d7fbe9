import type { Knex } from "knex";

const TOMBSTONE_DAYS = 30;

export type Tombstone = {
	/** Until then a grant was given already; undefined: that is over. */
	readonly noGrantUntil: Date | undefined;
	readonly banned: boolean;
};

export async function findTombstone(db: Knex, senderHash: Buffer): Promise<Tombstone | undefined> {
	const { rows } = await db.raw<{ rows: { until: Date | null; banned: boolean }[] }>(
		`select case when no_grant_until > now() then no_grant_until end as until, banned
		from sender_tombstones where sender_hash = ? and expires_at > now()`,
		[senderHash],
	);
	return rows[0] === undefined
		? undefined
		: { noGrantUntil: rows[0].until ?? undefined, banned: rows[0].banned };
}

/** Keeps the later end of a day and the worse standing of what was remembered before. */
export async function rememberSenders(
	trx: Knex,
	senderHashes: readonly Buffer[],
	memory: { readonly noGrantUntil: Date; readonly banned: boolean },
): Promise<void> {
	await trx.raw(
		`insert into sender_tombstones as t (sender_hash, no_grant_until, banned, expires_at)
		select hash, :until, :banned, now() + make_interval(days => :days) from unnest(:hashes::bytea[]) hash
		on conflict (sender_hash) do update set no_grant_until = greatest(t.no_grant_until, excluded.no_grant_until),
			banned = t.banned or excluded.banned, expires_at = greatest(t.expires_at, excluded.expires_at)`,
		{
			hashes: senderHashes,
			until: memory.noGrantUntil.toISOString(),
			banned: memory.banned,
			days: TOMBSTONE_DAYS,
		},
	);
}
