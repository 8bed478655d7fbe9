import type { Knex } from "knex";

/** Whom a wish concerns: one instance, and of this account unless the house itself wants it. */
export type WishTarget = {
	readonly instanceId: string;
	readonly accountId?: string | undefined;
	/** Milliseconds since 1970; the database's clock unless a test has one of its own. */
	readonly nowMs?: number | undefined;
};

const NOW = "coalesce(to_timestamp(?::double precision / 1000), clock_timestamp())";

/**
 * It is to run, and to be ready within `deployMs`; what was given up is tried again. isNew: in a new cell over the same data.
 *
 * @returns false: there is none of this account's that could
 */
export async function wishRunning(
	db: Knex,
	target: WishTarget,
	{ deployMs, isNew = false }: { readonly deployMs: number; readonly isNew?: boolean },
): Promise<boolean> {
	return await wish(
		db,
		target,
		`desired = 'running', asleep = false, watch = '{}', generation = generation + ?::int, used_at = c.at,
		phase = case when phase in ('failed', 'crashloop') then 'none' else phase end,
		deploy_until = c.at + ? * interval '1 millisecond'`,
		[isNew ? 1 : 0, deployMs],
	);
}

/** What it was told at its start is worth nothing any more: a new cell over the same data, where it is to run. @returns as `wishRunning` */
export async function wishRenewed(
	db: Knex,
	target: WishTarget,
	{ deployMs }: { readonly deployMs: number },
): Promise<boolean> {
	return await wish(
		db,
		target,
		`generation = generation + 1, watch = '{}',
		deploy_until = case when desired = 'running' then c.at + ? * interval '1 millisecond' end`,
		[deployMs],
	);
}

/** It is to rest; its data stays. @returns as `wishRunning` */
export async function wishStopped(db: Knex, target: WishTarget): Promise<boolean> {
	return await wish(
		db,
		target,
		"desired = 'stopped', asleep = false, deploy_until = null, watch = watch - 'notBefore'",
		[],
	);
}

/** It is to rest at once: whoever looks at it next does not ask it first. @returns as `wishRunning` */
export async function wishKilled(db: Knex, target: WishTarget): Promise<boolean> {
	return await wish(
		db,
		target,
		`desired = 'stopped', asleep = false, deploy_until = null, watch = jsonb_set(watch - 'notBefore', '{stoppingAt}', '0')`,
		[],
	);
}

/** It is to go, and its data once `keptMs` are over. @returns as `wishRunning` */
export async function wishDeleted(
	db: Knex,
	target: WishTarget,
	{ keptMs }: { readonly keptMs: number },
): Promise<boolean> {
	return await wish(
		db,
		target,
		"desired = 'deleted', asleep = false, deploy_until = null, purge_at = c.at + ? * interval '1 millisecond'",
		[keptMs],
	);
}

/** Its files are to be written again. @returns as `wishRunning` */
export async function wishConfigured(db: Knex, target: WishTarget): Promise<boolean> {
	return await wish(db, target, "config_version = config_version + 1", []);
}

/** Files of all instances of an account are to be written again: who lives in them has changed. */
export async function wishAccountConfigured(db: Knex, accountId: string): Promise<void> {
	await db.raw(
		`update instances set config_version = config_version + 1, wish = wish + 1, next_at = clock_timestamp(),
			changed_at = clock_timestamp()
		where account_id = ?::bigint and desired <> 'deleted'`,
		[accountId],
	);
}

async function wish(
	db: Knex,
	{ instanceId, accountId, nowMs }: WishTarget,
	changes: string,
	bindings: readonly Knex.RawBinding[],
): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`update instances i set ${changes}, wish = wish + 1, next_at = c.at, changed_at = c.at
		from (select ${NOW} as at) c
		where i.id = ?::uuid and i.desired <> 'deleted' and (?::bigint is null or i.account_id = ?::bigint)
		returning i.id`,
		[...bindings, nowMs ?? null, instanceId, accountId ?? null, accountId ?? null] as Knex.RawBinding[],
	);
	return rows.length > 0;
}
