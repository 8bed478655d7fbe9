import type { Knex } from "knex";
import type { SenderKey } from "../accounts/account.ts";
import type { Platform } from "../pipeline/message.ts";

/** Everybody who writes for the account, programs included. */
export async function listAllSenders(db: Knex, accountId: string): Promise<readonly SenderKey[]> {
	const { rows } = await db.raw<{ rows: { platform: Platform; bot_id: string; user_id: string }[] }>(
		"select platform, bot_id, user_id from senders where account_id = ?",
		[accountId],
	);
	return rows.map((row) => ({ platform: row.platform, botId: row.bot_id, userId: row.user_id }));
}

/**
 * Ids of the stored events of an account, as a common table expression `events`: all of its private chats, and what it
 * asked in groups. Bindings: lanes (of `toPrivateLanes`), accountId.
 */
export const EVENTS_OF_ACCOUNT = `own as materialized (
		select l.lane from lanes l join unnest(:lanes::text[]) p (lane)
			on l.lane = p.lane or l.lane = p.lane || '#fast' or starts_with(l.lane, p.lane || ':')
	), events as materialized (
		select i.id from own join inbox i on i.lane = own.lane and i.status <> 'ready'
		union select inbox_id from usage_log where account_id = :accountId and inbox_id is not null
		union select inbox_id from conversation_messages where account_id = :accountId
	)`;

/** Lanes of private chats, by the convention of `toLane`: there the chat's id is the person's (or the program's account). */
export function toPrivateLanes(senders: readonly SenderKey[]): readonly string[] {
	return senders.map((sender) => `${sender.platform}:${sender.botId}:${sender.userId}`);
}

/**
 * Empties the stored events and answers of an account. The rows stay, for they tell a repeated event from a new one; the
 * unfinished ones are left to their turn and to the retention.
 */
export async function eraseEvents(
	trx: Knex,
	accountId: string,
	senders: readonly SenderKey[],
): Promise<void> {
	await trx.raw(
		`with ${EVENTS_OF_ACCOUNT}, answers as (
			update outbox o set content = null from events e join inbox i on i.id = e.id and i.status <> 'ready'
			where o.inbox_id = e.id and o.content is not null
		)
		update inbox i set body = '{}', result = null from events e where i.id = e.id and i.status <> 'ready'`,
		{ lanes: toPrivateLanes(senders), accountId },
	);
	await trx.raw("update usage_log set inbox_id = null where account_id = ? and inbox_id is not null", [
		accountId,
	]);
}

/** Conversations, settings, keys, codes and dialogues of an account. What others said in the same group stays. */
export async function eraseBelongings(trx: Knex, accountId: string): Promise<void> {
	await trx.raw("delete from conversation_messages where account_id = ?", [accountId]);
	await trx.raw(
		`delete from conversations c where account_id = ?
			and not exists (select 1 from conversation_messages m where m.lane = c.lane)`,
		[accountId],
	);
	await trx.raw("delete from account_lanes where account_id = ?", [accountId]);
	await trx.raw("delete from agent_configs where account_id = ?", [accountId]);
	await trx.raw("delete from instance_skill_choices where account_id = ?", [accountId]);
	// With what they spent, what they hold, and the answers kept for programs that ask again.
	await trx.raw("delete from api_keys where account_id = ?", [accountId]);
	await trx.raw("delete from bind_codes where account_id = ?", [accountId]);
	await trx.raw("update bind_codes set issued_by_account_id = null where issued_by_account_id = ?", [
		accountId,
	]);
	await trx.raw("update bind_codes set used_by_account_id = null where used_by_account_id = ?", [accountId]);
	await trx.raw(
		`delete from dialogues d using senders s
		where s.account_id = ? and d.platform = s.platform and d.bot_id = s.bot_id and d.user_id = s.user_id`,
		[accountId],
	);
	await trx.raw("delete from senders where account_id = ?", [accountId]);
	await eraseInstances(trx, accountId);
}

/** They end, and what they remember goes as soon as they have: nobody is left who could want it back. */
async function eraseInstances(trx: Knex, accountId: string): Promise<void> {
	for (const table of ["instance_events", "instance_samples", "alerts"]) {
		await trx.raw("delete from ?? t using instances i where i.account_id = ? and t.instance_id = i.id", [
			table,
			accountId,
		]);
	}
	await trx.raw(
		`update instances set desired = 'deleted', asleep = false, purge_at = now(), deploy_until = null, watch = '{}',
			name = 'gone', wish = wish + 1,
			next_at = now(), changed_at = now()
		where account_id = ? and phase <> 'purged'`,
		[accountId],
	);
}

/** The row stays for the ledger's sake, without anything personal. */
export async function closeAccount(trx: Knex, accountId: string): Promise<void> {
	await trx.raw(
		`update accounts set status = 'deleted', deleted_at = now(), language = 'en', policy = 'BEST', route_order = '{}',
			onboarded_at = null, model_preset = null where id = ?`,
		[accountId],
	);
}
