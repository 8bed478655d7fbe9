import type { Knex } from "knex";
import type { SenderKey } from "../accounts/account.ts";
import { EVENTS_OF_ACCOUNT, toPrivateLanes } from "./erasure.ts";

/** Rows of one kind in an export, and characters of the long ones; the newest are kept. */
const ROWS_MAX = 20_000;
const CHARACTERS_MAX = 8_000_000;

/** One kind of thing held about a person. isComplete false: there is more than an export carries. */
export type ExportSection = { readonly rows: readonly unknown[]; readonly isComplete: boolean };

/** Short facts, each by one query over the account's id. */
const FACTS = {
	account:
		"select status, language, policy, route_order, model_preset, onboarded_at, created_at from accounts where id = ?",
	senders: `select platform, bot_id, user_id, display_name, reachable, is_staff, created_at from senders
		where account_id = ? order by created_at`,
	subscriptions: `select plan_id, daily_tokens, state, starts_at, ends_at, source from subscriptions
		where account_id = ? order by id desc`,
	apiKeys: `select id, label, instance_id, source, may_name_source, tiers, networks, daily_cap_micro, idle_cap_micro, created_at,
		last_used_at, expires_at, revoked_at from api_keys where account_id = ? order by created_at desc`,
	bindCodes: `select purpose, plan_id, plan_months, created_at, expires_at, used_at, revoked_at from bind_codes
		where issued_by_account_id = ? order by id desc`,
	agents: `select agent_id, enabled, skills, custom_soul, created_at, updated_at from agent_configs
		where account_id = ? order by agent_id`,
	instances: `select id, slot, name, region, desired, phase, created_at from instances where account_id = ?
		order by created_at`,
	instanceSkills: `select skill_id, version, installed_at from instance_skill_choices where account_id = ?
		order by skill_id`,
	dialogues: `select d.platform, d.bot_id, d.user_id, d.kind, d.state, d.updated_at from dialogues d
		join senders s using (platform, bot_id, user_id) where s.account_id = ? order by d.updated_at`,
	usage: `select created_at, channel, source, agent_id, policy, region, input_tokens, output_tokens, charged_micro, outcome
		from usage_log where account_id = ? order by id desc`,
	quota: "select to_jsonb(b) - 'account_id' as bucket from ledger_buckets b where account_id = ?",
} as const;

export async function exportFacts(
	db: Knex,
	accountId: string,
): Promise<Readonly<Record<string, ExportSection>>> {
	const sections: Record<string, ExportSection> = {};
	for (const [name, sql] of Object.entries(FACTS)) {
		const { rows } = await db.raw<{ rows: unknown[] }>(`${sql} limit ${ROWS_MAX + 1}`, [accountId]);
		sections[name] = { rows: rows.slice(0, ROWS_MAX), isComplete: rows.length <= ROWS_MAX };
	}
	return sections;
}

/** What was said to and by the model, newest first. */
export async function exportMessages(db: Knex, accountId: string): Promise<ExportSection> {
	return await readLong(
		db,
		`select lane, role, content, created_at, length(content) as size, id from conversation_messages
		where account_id = :accountId`,
		{ accountId },
	);
}

/** Answers kept for programs that ask again, newest first. They are text, but nobody has promised that: so base64. */
export async function exportGatewayAnswers(db: Knex, accountId: string): Promise<ExportSection> {
	return await readLong(
		db,
		`select key_id, created_at, expires_at, state, status, content_type, encode(answer, 'base64') as answer_base64,
			coalesce(octet_length(answer), 0) * 4 / 3 as size, row_number() over (order by created_at) as id
		from gateway_requests where account_id = :accountId`,
		{ accountId },
	);
}

/** Events as the platforms sent them and their answers, newest first, for as long as they are kept. */
export async function exportEvents(
	db: Knex,
	accountId: string,
	senders: readonly SenderKey[],
): Promise<ExportSection> {
	return await readLong(
		db,
		`select lane, received_at, body, result, length(body::text) + coalesce(length(result::text), 0) as size, id
		from inbox where id in (with ${EVENTS_OF_ACCOUNT} select id from events)`,
		{ accountId, lanes: toPrivateLanes(senders) },
	);
}

async function readLong(
	db: Knex,
	sql: string,
	bindings: { readonly accountId: string; readonly lanes?: readonly string[] },
): Promise<ExportSection> {
	const { rows } = await db.raw<{ rows: { fits: boolean; row: unknown }[] }>(
		`select to_jsonb(x) - 'id' - 'size' - 'total' as row, x.total <= ${CHARACTERS_MAX} as fits from (
			select y.*, sum(y.size) over (order by y.id desc) as total from (${sql} order by id desc limit ${ROWS_MAX + 1}) y
		) x where x.total - x.size <= ${CHARACTERS_MAX} order by x.id desc`,
		bindings,
	);
	const kept = rows.filter(({ fits }) => fits).slice(0, ROWS_MAX);
	return { rows: kept.map(({ row }) => row), isComplete: kept.length === rows.length };
}
