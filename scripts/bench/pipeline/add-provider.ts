import type { Knex } from "knex";

/** Who answers in a bench. */
export const BENCH_PROVIDER_ID = "bench";
export const BENCH_MODEL = "instant";

/** A vendor without limits of its own, as an admin would add one. */
export async function addProvider(db: Knex, baseUrl: string): Promise<void> {
	await db.raw(
		`insert into providers (id, dialect, base_url, region, allow_private_network, requests_per_minute, tokens_per_minute, concurrency)
		values (?, 'openai', ?, 'local', true, 100000000, 2000000000, 1000)`,
		[BENCH_PROVIDER_ID, baseUrl],
	);
	await db.raw(
		`insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens, output_tokens_max)
		values (?, ?, 90, 0, 0, 100000, 4096)`,
		[BENCH_PROVIDER_ID, BENCH_MODEL],
	);
}
