import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { joinSender } from "../../../core/accounts/join-sender.ts";
import { issueKey } from "../../../core/api-keys/issue-key.ts";
import { activateSubscription } from "../../../core/plans/activate-subscription.ts";
import { makeSender, PEPPER } from "../../../core/testing/people.ts";
import { findDayZone } from "../../whole-system/testing/find-day-zone.ts";

const PLAN_ID = "max_200";
const DAILY_TOKENS = 900_000_000;

/** Accounts with a paid plan and a key each, and the vendor behind them, with limits no bench reaches. */
export async function seedCallers(
	db: Knex,
	{ callers, baseUrl }: { readonly callers: number; readonly baseUrl: string },
): Promise<readonly string[]> {
	await db("plans").update({ concurrency: 100 });
	await db("providers").insert({
		id: "bench",
		dialect: "openai",
		base_url: baseUrl,
		region: "local",
		allow_private_network: true,
		requests_per_minute: 100_000_000,
		tokens_per_minute: 2_000_000_000,
		concurrency: 100_000,
	});
	await db("provider_models").insert({
		provider_id: "bench",
		model: "bench-model",
		quality: 90,
		price_input_micro: 0,
		price_output_micro: 0,
		context_tokens: 1_000_000,
		output_tokens_max: 8_192,
	});
	const keys: string[] = [];
	for (let at = 0; at < callers; at += 1) keys.push(await addCaller(db));
	return keys;
}

async function addCaller(db: Knex): Promise<string> {
	const joined = await joinSender(db, {
		sender: makeSender(),
		mode: "auto",
		language: "en",
		// Quota is renewed at midnight, which would change what is counted.
		zone: findDayZone(),
		staff: false,
		pepper: PEPPER,
	});
	if (joined.kind !== "joined") throw new Error(`not joined: ${joined.kind}`);
	const { accountId } = joined;
	await db.transaction(async (trx) => {
		const terms = { planId: PLAN_ID, months: undefined, source: "bench", externalId: randomUUID() };
		await activateSubscription(trx, { ...terms, accountId, dailyTokens: DAILY_TOKENS });
	});
	return (await issueKey(db, accountId)).key;
}
