import type { Knex } from "knex";
import type { Route, RouteTable } from "../models/route-table.ts";
import type { ProviderSeed } from "../providers/provider.ts";

/** Sent with every change, so that nodes that listen need not wait for their cache. */
export const PROVIDERS_CHANNEL = "rockpool_providers";

/** Held while the environment's providers are written, so that nodes that start together do it one after another. */
const BOOTSTRAP_LOCK = 7_260_010;

/** All that is switched on. The demo is in it only while nothing else is. */
export async function readRouteTable(db: Knex): Promise<RouteTable> {
	const { rows } = await db.raw<{ rows: RouteRow[] }>(`
		with live as (
			select p.id, p.dialect, p.base_url, p.region, p.allow_private_network, p.requests_per_minute, p.tokens_per_minute,
				p.concurrency, p.secret_id, m.model, m.quality, m.price_input_micro, m.price_output_micro, m.context_tokens,
				m.output_tokens_max, m.weight_micro, m.kind
			from providers p join provider_models m on m.provider_id = p.id
			where p.enabled and m.enabled
		)
		select * from live
		where dialect <> 'demo' or not exists (select 1 from live other where other.dialect <> 'demo')
		order by id, model`);
	return { routes: rows.map(toRoute) };
}

/**
 * Writes what the environment configures; providers an admin edits in the panel are left alone. One that is no longer in
 * the environment is switched off and loses its key.
 *
 * @returns the secrets nobody refers to any more
 */
export async function writeEnvProviders(
	trx: Knex.Transaction,
	seeds: readonly (ProviderSeed & { readonly secretId: string | undefined })[],
): Promise<readonly string[]> {
	const before = await trx.raw<{ rows: { secret_id: string }[] }>(
		"select secret_id from providers where managed_by = 'env' and secret_id is not null",
	);
	const ids = seeds.map((seed) => seed.id);
	await trx.raw(
		"update providers set enabled = false, secret_id = null, version = version + 1 where managed_by = 'env' and id <> all(?)",
		[ids],
	);
	for (const seed of seeds) await writeEnvProvider(trx, seed);
	await trx.raw("select pg_notify(?, '')", [PROVIDERS_CHANNEL]);
	const kept = await trx.raw<{ rows: { secret_id: string }[] }>(
		"select secret_id from providers where secret_id is not null",
	);
	const inUse = new Set(kept.rows.map((row) => row.secret_id));
	return before.rows.map((row) => row.secret_id).filter((id) => !inUse.has(id));
}

/** Until the transaction ends. */
export async function lockBootstrap(trx: Knex.Transaction): Promise<void> {
	await trx.raw("select pg_advisory_xact_lock(?)", [BOOTSTRAP_LOCK]);
}

/** What is stored for the providers the environment manages. */
export async function listEnvSecrets(db: Knex): Promise<ReadonlyMap<string, string>> {
	const { rows } = await db.raw<{ rows: { id: string; secret_id: string }[] }>(
		"select id, secret_id from providers where managed_by = 'env' and secret_id is not null",
	);
	return new Map(rows.map((row) => [row.id, row.secret_id]));
}

/** Providers that are edited in the panel and left alone by the environment. */
export async function listAdminProviders(db: Knex): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		"select id from providers where managed_by = 'admin'",
	);
	return rows.map((row) => row.id);
}

/**
 * Points a provider at another URL. The stored key stays only when scheme, host and port stay the same: it must not travel
 * to a host it was not meant for (S26).
 *
 * @returns undefined when there is no such provider, or somebody changed it since `version`
 */
export async function changeProviderUrl(
	db: Knex,
	change: {
		readonly providerId: string;
		readonly version: number;
		readonly baseUrl: string;
		/** The key entered again with the change. */
		readonly secretId?: string;
	},
): Promise<{ readonly removedSecretId: string | undefined } | undefined> {
	return await db.transaction(async (trx) => {
		const { rows } = await trx.raw<{ rows: { base_url: string; secret_id: string | null }[] }>(
			"select base_url, secret_id from providers where id = ? and version = ? for update",
			[change.providerId, change.version],
		);
		const row = rows[0];
		if (row === undefined) return undefined;
		const sameOrigin = URL.parse(row.base_url)?.origin === URL.parse(change.baseUrl)?.origin;
		const secretId = change.secretId ?? (sameOrigin ? row.secret_id : null);
		await trx.raw(
			`update providers set base_url = ?, secret_id = ?, managed_by = 'admin', version = version + 1,
				updated_at = clock_timestamp() where id = ?`,
			[change.baseUrl, secretId, change.providerId],
		);
		await trx.raw("select pg_notify(?, '')", [PROVIDERS_CHANNEL]);
		const removed = row.secret_id === secretId ? null : row.secret_id;
		return { removedSecretId: removed ?? undefined };
	});
}

async function writeEnvProvider(
	trx: Knex.Transaction,
	seed: ProviderSeed & { readonly secretId: string | undefined },
): Promise<void> {
	const { limits = { requestsPerMinute: 600, tokensPerMinute: 2_000_000, concurrency: 64 } } = seed;
	const { rows } = await trx.raw<{ rows: unknown[] }>(
		`insert into providers (id, dialect, base_url, region, secret_id, allow_private_network, requests_per_minute,
			tokens_per_minute, concurrency, managed_by)
		values (:id, :dialect, :baseUrl, :region, :secretId, :allowPrivateNetwork, :requestsPerMinute, :tokensPerMinute,
			:concurrency, 'env')
		on conflict (id) do update set dialect = excluded.dialect, base_url = excluded.base_url, region = excluded.region,
			secret_id = excluded.secret_id, allow_private_network = excluded.allow_private_network,
			requests_per_minute = excluded.requests_per_minute, tokens_per_minute = excluded.tokens_per_minute,
			concurrency = excluded.concurrency, enabled = true, version = providers.version + 1,
			updated_at = clock_timestamp()
		where providers.managed_by = 'env'
		returning id`,
		{
			id: seed.id,
			dialect: seed.dialect,
			baseUrl: seed.baseUrl,
			region: seed.region,
			secretId: seed.secretId ?? null,
			allowPrivateNetwork: seed.allowPrivateNetwork,
			...limits,
		},
	);
	// An admin took it over: his.
	if (rows.length === 0) return;
	await trx.raw(
		`with wanted as (
			select * from jsonb_to_recordset(?::jsonb) x (model text, quality smallint, "priceInputMicro" bigint,
				"priceOutputMicro" bigint, "contextTokens" integer, "outputTokensMax" integer, "weightMicro" integer,
				kind text)
		), gone as (
			delete from provider_models m where provider_id = ? and not exists (select 1 from wanted w where w.model = m.model)
		)
		insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens,
			output_tokens_max, weight_micro, kind)
		select ?, model, quality, "priceInputMicro", "priceOutputMicro", "contextTokens", "outputTokensMax",
			coalesce("weightMicro", 1000000), coalesce(kind, 'chat') from wanted
		on conflict (provider_id, model) do update set quality = excluded.quality,
			price_input_micro = excluded.price_input_micro, price_output_micro = excluded.price_output_micro,
			context_tokens = excluded.context_tokens, output_tokens_max = excluded.output_tokens_max,
			weight_micro = excluded.weight_micro, kind = excluded.kind, enabled = true`,
		[JSON.stringify(seed.models), seed.id, seed.id],
	);
}

type RouteRow = {
	id: string;
	dialect: string;
	base_url: string;
	region: string;
	allow_private_network: boolean;
	requests_per_minute: number;
	tokens_per_minute: number;
	concurrency: number;
	secret_id: string | null;
	model: string;
	quality: number;
	price_input_micro: string;
	price_output_micro: string;
	context_tokens: number;
	output_tokens_max: number;
	weight_micro: number;
	kind: "chat" | "embedding";
};

function toRoute(row: RouteRow): Route {
	return {
		provider: {
			providerId: row.id,
			dialect: row.dialect,
			baseUrl: row.base_url,
			region: row.region,
			allowPrivateNetwork: row.allow_private_network,
			requestsPerMinute: row.requests_per_minute,
			tokensPerMinute: row.tokens_per_minute,
			concurrency: row.concurrency,
			secretId: row.secret_id ?? undefined,
		},
		model: row.model,
		...(row.kind === "embedding" && { kind: "embedding" as const }),
		quality: row.quality,
		priceInputMicro: Number(row.price_input_micro),
		priceOutputMicro: Number(row.price_output_micro),
		contextTokens: row.context_tokens,
		outputTokensMax: row.output_tokens_max,
		weightMicro: row.weight_micro,
	};
}
