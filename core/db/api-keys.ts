import type { Knex } from "knex";
import type { GatewayTier, KeyGrant, KeyTerms, PresetName } from "../gateway/key-grant.ts";
import type { BusyStrategy, ModelCallSource, Policy } from "../models/model-call.ts";

/** expiresInMs: by the database's clock, at the time of the look-up; undefined: never. */
export type FoundGrant = {
	readonly grant: KeyGrant;
	readonly expiresInMs: number | undefined;
	/** True: its last use was not noted for an hour. */
	readonly wasUnused: boolean;
};

export type KeyView = {
	readonly id: string;
	readonly label: string | undefined;
	readonly instanceId: string | undefined;
	readonly source: ModelCallSource;
	readonly createdAt: Date;
	/** To the hour. */
	readonly lastUsedAt: Date | undefined;
	readonly expiresAt: Date | undefined;
	readonly mayNameSource: boolean;
	readonly tiers: readonly GatewayTier[] | undefined;
	readonly networks: readonly string[] | undefined;
	readonly dailyCapMicro: number | undefined;
	readonly idleCapMicro: number | undefined;
};

/** What a key may do, and for whom. */
export type KeyOptions = KeyTerms & {
	readonly label?: string | undefined;
	readonly instanceId?: string | undefined;
};

/** Grants of live keys of active accounts, in the order of the hashes; one statement for all. */
export async function findKeyGrants(
	db: Knex,
	hashes: readonly Buffer[],
): Promise<readonly (FoundGrant | undefined)[]> {
	const { rows } = await db.raw<{ rows: GrantRow[] }>("select * from key_grants(?::bytea[])", [
		hashes as Buffer[],
	]);
	const grants = new Array<FoundGrant | undefined>(hashes.length).fill(undefined);
	for (const row of rows) {
		grants[Number(row.place) - 1] = {
			grant: toGrant(row),
			expiresInMs: row.expires_in_ms ?? undefined,
			wasUnused: row.was_unused,
		};
	}
	return grants;
}

/** Those of the keys that are good now. */
export async function findLiveKeys(db: Knex, keyIds: readonly string[]): Promise<ReadonlySet<string>> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		`select k.id from api_keys k join accounts a on a.id = k.account_id and a.status = 'active'
		where k.id = any (?::text[]) and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`,
		[keyIds as string[]],
	);
	return new Set(rows.map(({ id }) => id));
}

/** Once an hour a key. Rows somebody else writes just now are left to the next time. */
export async function noteKeyUse(db: Knex, keyIds: readonly string[]): Promise<void> {
	await db.raw(
		`update api_keys set last_used_at = now() where id = any (array(
			select id from api_keys where id = any (?::text[])
				and coalesce(last_used_at < now() - interval '1 hour', true) for no key update skip locked))`,
		[keyIds as string[]],
	);
}

/** Live keys, oldest first. */
export async function listKeys(db: Knex, accountId: string): Promise<readonly KeyView[]> {
	const { rows } = await db.raw<{ rows: KeyRow[] }>(
		`select id, label, instance_id, source, created_at, last_used_at, expires_at, may_name_source, tiers,
			networks::text[] as networks, daily_cap_micro, idle_cap_micro from api_keys
		where account_id = ? and revoked_at is null and (expires_at is null or expires_at > now()) order by created_at, id`,
		[accountId],
	);
	return rows.map((row) => ({
		id: row.id,
		label: row.label ?? undefined,
		instanceId: row.instance_id ?? undefined,
		source: row.source,
		createdAt: row.created_at,
		lastUsedAt: row.last_used_at ?? undefined,
		expiresAt: row.expires_at ?? undefined,
		mayNameSource: row.may_name_source,
		tiers: row.tiers ?? undefined,
		networks: row.networks ?? undefined,
		dailyCapMicro: toMicro(row.daily_cap_micro),
		idleCapMicro: toMicro(row.idle_cap_micro),
	}));
}

/** False: the id is taken. */
export async function insertKey(
	trx: Knex,
	key: KeyOptions & {
		readonly id: string;
		/** Undefined: of an instance that is nobody's yet. */
		readonly accountId: string | undefined;
		readonly hash: Buffer;
		readonly issuedIn: string | undefined;
	},
): Promise<boolean> {
	const { rows } = await trx.raw<{ rows: unknown[] }>(
		`insert into api_keys (id, account_id, hash, issued_in, label, instance_id, source, may_name_source, tiers, networks,
			daily_cap_micro, idle_cap_micro, expires_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?::text[], ?::cidr[], ?, ?, ?) on conflict (id) do nothing returning 1`,
		[
			key.id,
			key.accountId ?? null,
			key.hash,
			key.issuedIn ?? null,
			key.label ?? null,
			key.instanceId ?? null,
			key.source ?? "api",
			key.mayNameSource ?? false,
			(key.tiers as string[] | undefined) ?? null,
			(key.networks as string[] | undefined) ?? null,
			key.dailyCapMicro ?? null,
			key.idleCapMicro ?? null,
			key.expiresAt?.toISOString() ?? null,
		],
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

type KeyRow = {
	readonly id: string;
	readonly label: string | null;
	readonly instance_id: string | null;
	readonly source: ModelCallSource;
	readonly created_at: Date;
	readonly last_used_at: Date | null;
	readonly expires_at: Date | null;
	readonly may_name_source: boolean;
	readonly tiers: GatewayTier[] | null;
	readonly networks: string[] | null;
	readonly daily_cap_micro: string | null;
	readonly idle_cap_micro: string | null;
};

/** Row of key_grants(): plan and what goes with it are absent without a live subscription. */
type GrantRow = {
	readonly place: string;
	readonly key_id: string;
	readonly account_id: string;
	readonly instance_id: string | null;
	readonly source: ModelCallSource;
	readonly may_name_source: boolean;
	readonly tiers: GatewayTier[] | null;
	readonly networks: string[] | null;
	readonly daily_cap_micro: string | null;
	readonly idle_cap_micro: string | null;
	readonly expires_at: Date | null;
	readonly expires_in_ms: number | null;
	readonly was_unused: boolean;
	readonly policy: Policy;
	readonly route_order: string[];
	readonly model_preset: PresetName | null;
	readonly plan_id: string | null;
	readonly priority: number;
	readonly concurrency: number;
	readonly busy_strategy: BusyStrategy;
	readonly may_name_model: boolean;
};

function toGrant(row: GrantRow): KeyGrant {
	const { plan_id: planId, priority, concurrency, busy_strategy: busyStrategy } = row;
	return {
		keyId: row.key_id,
		accountId: row.account_id,
		instanceId: row.instance_id ?? undefined,
		source: row.source,
		mayNameSource: row.may_name_source,
		tiers: row.tiers ?? undefined,
		networks: row.networks ?? undefined,
		dailyCapMicro: toMicro(row.daily_cap_micro),
		idleCapMicro: toMicro(row.idle_cap_micro),
		expiresAt: row.expires_at ?? undefined,
		plan: planId === null ? undefined : { planId, priority, concurrency, busyStrategy },
		mayNameModel: row.may_name_model,
		policy: row.policy,
		routeOrder: row.route_order,
		preset: row.model_preset ?? undefined,
	};
}

function toMicro(text: string | null): number | undefined {
	return text === null ? undefined : Number(text);
}
