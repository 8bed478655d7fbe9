import type { Knex } from "knex";
import type { UsageEntry } from "../models/model-call.ts";
import { toStorableJson } from "./storable-json.ts";

/** usage_log's rows, once a reservation. `charged` says what the ledger really took, in micro-tokens by reservation. */
export async function writeUsage(
	trx: Knex.Transaction,
	usage: readonly UsageEntry[],
	charged: ReadonlyMap<string, number>,
): Promise<void> {
	if (usage.length === 0) return;
	const rows = usage.map((entry) => ({
		...entry,
		chargedMicro: charged.get(entry.reservationId) ?? entry.chargedMicro,
		firstTokenMs: toWhole(entry.firstTokenMs),
		latencyMs: toWhole(entry.latencyMs),
	}));
	await trx.raw(
		`insert into usage_log (account_id, inbox_id, reservation_id, channel, source, agent_id, provider_id, model, region, policy,
			input_tokens, output_tokens, tokens_origin, charged_micro, first_token_ms, latency_ms, outcome, error_code)
		select x."accountId", x."inboxId", x."reservationId", x.channel, x.source, x."agentId", x."providerId", x.model, x.region,
			x.policy, x."inputTokens", x."outputTokens", x."tokensOrigin", x."chargedMicro", x."firstTokenMs", x."latencyMs",
			x.outcome, x."errorCode"
		from jsonb_to_recordset(?::jsonb) x (
			"accountId" bigint, "inboxId" bigint, "reservationId" uuid, channel text, source text, "agentId" text,
			"providerId" text, model text, region text, policy text, "inputTokens" bigint, "outputTokens" bigint,
			"tokensOrigin" text, "chargedMicro" bigint, "firstTokenMs" integer, "latencyMs" integer, outcome text, "errorCode" text)
		on conflict (reservation_id) do nothing`,
		[toStorableJson(JSON.stringify(rows))],
	);
}

function toWhole(ms: number | undefined): number | undefined {
	return ms === undefined ? undefined : Math.max(0, Math.round(ms));
}
