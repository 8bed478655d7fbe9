import type { Knex } from "knex";
import type { ModelSeed } from "../providers/provider.ts";
import { PROVIDERS_CHANNEL } from "./providers.ts";

/** A provider as it is stored, switched off ones included, for whoever edits them. */
export type ProviderRow = {
	readonly id: string;
	readonly dialect: string;
	readonly baseUrl: string;
	readonly region: string;
	readonly secretId: string | undefined;
	readonly allowPrivateNetwork: boolean;
	readonly enabled: boolean;
	readonly requestsPerMinute: number;
	readonly tokensPerMinute: number;
	readonly concurrency: number;
	/** env: written again at each start from the environment; admin: left alone by it. */
	readonly managedBy: "env" | "admin";
	readonly version: number;
	readonly models: readonly ProviderModelRow[];
};

export type ProviderModelRow = Required<ModelSeed> & { readonly enabled: boolean };

/** All of them, the demo included, by id. */
export async function listProviderRows(db: Knex): Promise<readonly ProviderRow[]> {
	const { rows } = await db.raw<{ rows: ProviderRow[] }>(`
		select id, dialect, base_url as "baseUrl", region, secret_id as "secretId",
			allow_private_network as "allowPrivateNetwork", enabled, requests_per_minute as "requestsPerMinute",
			tokens_per_minute as "tokensPerMinute", concurrency, managed_by as "managedBy", version,
			(select coalesce(jsonb_agg(jsonb_build_object('model', model, 'quality', quality,
				'priceInputMicro', price_input_micro, 'priceOutputMicro', price_output_micro,
				'contextTokens', context_tokens, 'outputTokensMax', output_tokens_max,
				'weightMicro', weight_micro, 'kind', kind, 'enabled', enabled) order by quality desc, model), '[]')
				from provider_models where provider_id = providers.id) as models
		from providers order by id`);
	return rows.map((row) => ({ ...row, secretId: row.secretId ?? undefined }));
}

export async function findProviderRow(db: Knex, id: string): Promise<ProviderRow | undefined> {
	return (await listProviderRows(db)).find((row) => row.id === id);
}

/**
 * Writes a provider with exactly these models, whatever was there, and tells the nodes. What a row holds that this code does
 * not know stays as it is.
 *
 * @returns its new version
 */
export async function writeProviderRow(
	trx: Knex.Transaction,
	{ models, ...row }: Omit<ProviderRow, "version">,
): Promise<number> {
	const { rows } = await trx.raw<{ rows: { version: number }[] }>(
		`insert into providers (id, dialect, base_url, region, secret_id, allow_private_network, enabled,
			requests_per_minute, tokens_per_minute, concurrency, managed_by)
		values (:id, :dialect, :baseUrl, :region, :secretId, :allowPrivateNetwork, :enabled, :requestsPerMinute,
			:tokensPerMinute, :concurrency, :managedBy)
		on conflict (id) do update set dialect = excluded.dialect, base_url = excluded.base_url, region = excluded.region,
			secret_id = excluded.secret_id, allow_private_network = excluded.allow_private_network,
			enabled = excluded.enabled, requests_per_minute = excluded.requests_per_minute,
			tokens_per_minute = excluded.tokens_per_minute, concurrency = excluded.concurrency,
			managed_by = excluded.managed_by, version = providers.version + 1, updated_at = clock_timestamp()
		returning version`,
		{ ...row, secretId: row.secretId ?? null },
	);
	await trx.raw(
		`with wanted as (
			select * from jsonb_to_recordset(?::jsonb) x (model text, quality smallint, "priceInputMicro" bigint,
				"priceOutputMicro" bigint, "contextTokens" integer, "outputTokensMax" integer, "weightMicro" integer,
				kind text, enabled boolean)
		), gone as (
			delete from provider_models m where provider_id = ? and not exists (select 1 from wanted w where w.model = m.model)
		)
		insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens,
			output_tokens_max, weight_micro, kind, enabled)
		select ?, model, quality, "priceInputMicro", "priceOutputMicro", "contextTokens", "outputTokensMax", "weightMicro",
			kind, enabled from wanted
		on conflict (provider_id, model) do update set quality = excluded.quality,
			price_input_micro = excluded.price_input_micro, price_output_micro = excluded.price_output_micro,
			context_tokens = excluded.context_tokens, output_tokens_max = excluded.output_tokens_max,
			weight_micro = excluded.weight_micro, kind = excluded.kind, enabled = excluded.enabled`,
		[JSON.stringify(models), row.id, row.id],
	);
	await announce(trx);
	return rows[0]?.version ?? 1;
}

/** Deleting twice is fine. Its key is the caller's to remove. */
export async function deleteProviderRow(trx: Knex.Transaction, id: string): Promise<void> {
	await trx.raw("delete from providers where id = ?", [id]);
	await announce(trx);
}

/** The ids of the secrets of a tenant that serve this purpose, the newest first. */
export async function listSecretIds(db: Knex, tenant: string, purpose: string): Promise<readonly string[]> {
	return await db("secrets")
		.where({ tenant, purpose })
		.orderBy([
			{ column: "created_at", order: "desc" },
			{ column: "id", order: "desc" },
		])
		.pluck<string[]>("id");
}

async function announce(trx: Knex.Transaction): Promise<void> {
	await trx.raw("select pg_notify(?, '')", [PROVIDERS_CHANNEL]);
}
