import type { Knex } from "knex";

/** A vendor with one model, named like it. */
export type ProviderOptions = {
	readonly id: string;
	readonly dialect?: "openai" | "anthropic";
	/** Default "us". */
	readonly region?: string;
	/** 0..100; default 50. */
	readonly quality?: number;
	/** Micro-dollars for a million tokens, both ways; default 100. */
	readonly price?: number;
	readonly concurrency?: number;
	readonly requestsPerMinute?: number;
	readonly contextTokens?: number;
	/** Quota micro-tokens a token costs; default 1,000,000. */
	readonly weightMicro?: number;
	readonly kind?: "chat" | "embedding";
};

/** The rows of a vendor at this base URL, as the admin's panel would write them. */
export async function insertProvider(db: Knex, baseUrl: string, options: ProviderOptions): Promise<void> {
	const { id, dialect = "openai", region = "us", price = 100 } = options;
	await db("providers").insert({
		id,
		dialect,
		base_url: baseUrl,
		region,
		allow_private_network: true,
		concurrency: options.concurrency ?? 64,
		requests_per_minute: options.requestsPerMinute ?? 60_000,
		tokens_per_minute: 60_000_000,
	});
	await db("provider_models").insert({
		provider_id: id,
		model: `${id}-model`,
		quality: options.quality ?? 50,
		price_input_micro: price,
		price_output_micro: price,
		context_tokens: options.contextTokens ?? 100_000,
		output_tokens_max: 8_000,
		weight_micro: options.weightMicro ?? 1_000_000,
		kind: options.kind ?? "chat",
	});
}
