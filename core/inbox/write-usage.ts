import type { Knex } from "knex";
import { runPrepared } from "../db/run-prepared.ts";
import { assertMicro } from "../ledger/amounts.ts";
import type { Settlement } from "../ledger/ledger.ts";
import type { UsageEntry } from "../models/model-call.ts";
import { toStorableJson } from "./storable-json.ts";

const COLUMNS = `account_id, inbox_id, reservation_id, channel, source, agent_id, provider_id, model, region, policy,
	input_tokens, output_tokens, tokens_origin, first_token_ms, latency_ms, outcome, error_code, lease_id, charged_micro`;
/** As COLUMNS, but for the last one. */
const VALUES = `x."accountId", x."inboxId", x."reservationId", x.channel, x.source, x."agentId", x."providerId", x.model,
	x.region, x.policy, x."inputTokens", x."outputTokens", x."tokensOrigin", x."firstTokenMs", x."latencyMs", x.outcome,
	x."errorCode", x."leaseId"`;
const RECORD = `"accountId" bigint, "inboxId" bigint, "reservationId" uuid, channel text, source text, "agentId" text,
	"providerId" text, model text, region text, policy text, "inputTokens" bigint, "outputTokens" bigint,
	"tokensOrigin" text, "chargedMicro" bigint, "firstTokenMs" integer, "latencyMs" integer, outcome text, "errorCode" text, "leaseId" uuid`;

const INSERT = {
	name: "write_usage",
	sql: `insert into usage_log (${COLUMNS}) select ${VALUES}, x."chargedMicro" from jsonb_to_recordset(?::jsonb) x (${RECORD})
		on conflict (reservation_id) do nothing`,
};
/** ledger_settle answers what went otherwise than asked: [position from 1, kind, charged or null, overrun]; '' is nothing. */
const SETTLE = {
	name: "settle_with_usage",
	sql: `with settled as materialized (
			select ledger_settle(?::uuid[], ?::bigint[]) as exceptions
		), otherwise as (
			select (e ->> 0)::bigint as position, (e ->> 2)::bigint as charged
			from settled, jsonb_array_elements(coalesce(nullif(exceptions, ''), '[]')::jsonb) e
		)
		insert into usage_log (${COLUMNS})
		select ${VALUES}, coalesce(o.charged, x."chargedMicro")
		from rows from (jsonb_to_recordset(?::jsonb) as (${RECORD})) with ordinality x
		left join otherwise o on o.position = x.ordinality
		on conflict (reservation_id) do nothing`,
};

/** usage_log's rows, once a reservation. `charged` says what the ledger really took, in micro-tokens by reservation. */
export async function writeUsage(
	trx: Knex.Transaction,
	usage: readonly UsageEntry[],
	charged: ReadonlyMap<string, number>,
): Promise<void> {
	if (usage.length === 0) return;
	const rows = toRows(usage, charged);
	await trx.raw(INSERT.sql, [rows]);
}

/** Rows of calls that are charged to a lease; those that are there already stay as they are. */
export async function writeLeasedUsage(db: Knex, usage: readonly UsageEntry[]): Promise<void> {
	if (usage.length > 0) await runPrepared(db, INSERT, [toRows(usage, new Map())]);
}

/** Settles and writes the rows in one statement, which is its own transaction: for calls that commit nothing besides. */
export async function settleWithUsage(
	db: Knex,
	ended: readonly { readonly settlement: Settlement; readonly usage: UsageEntry }[],
): Promise<void> {
	if (ended.length === 0) return;
	for (const { settlement } of ended) assertMicro("actualMicro", settlement.actualMicro);
	const rows = toRows(
		ended.map(({ usage }) => usage),
		new Map(ended.map(({ settlement }) => [settlement.reservationId, settlement.actualMicro])),
	);
	await runPrepared(db, SETTLE, [
		`{${ended.map(({ settlement }) => settlement.reservationId).join(",")}}`,
		`{${ended.map(({ settlement }) => settlement.actualMicro).join(",")}}`,
		rows,
	]);
}

function toRows(usage: readonly UsageEntry[], charged: ReadonlyMap<string, number>): string {
	const rows = usage.map((entry) => ({
		...entry,
		chargedMicro: charged.get(entry.reservationId) ?? entry.chargedMicro,
		firstTokenMs: toWhole(entry.firstTokenMs),
		latencyMs: toWhole(entry.latencyMs),
	}));
	return toStorableJson(JSON.stringify(rows));
}

function toWhole(ms: number | undefined): number | undefined {
	return ms === undefined ? undefined : Math.max(0, Math.round(ms));
}
