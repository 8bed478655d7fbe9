import type { Knex } from "knex";
import type { SenderAddress, SenderKey } from "../accounts/account.ts";
import type { Platform, Sender } from "../pipeline/message.ts";

/**
 * Makes the sender's row or locks the one that is there, until the end of the transaction: of two first messages in
 * parallel the second waits here and finds the account of the first. @returns the sender's account, if any.
 */
export async function claimSender(trx: Knex, sender: Sender, isStaff: boolean): Promise<string | undefined> {
	const { rows } = await trx.raw<{ rows: { account_id: string | null }[] }>(
		`insert into senders (platform, bot_id, user_id, display_name, is_staff) values (?, ?, ?, ?, ?)
		on conflict (platform, bot_id, user_id) do update
		set reachable = true, is_staff = senders.is_staff or excluded.is_staff returning account_id`,
		[sender.platform, sender.botId, sender.userId, toStoredName(sender.displayName), isStaff],
	);
	return rows[0]?.account_id ?? undefined;
}

/** The sender's account without a lock; undefined for an unknown sender or one without an account. */
export async function findSenderAccount(db: Knex, sender: SenderKey): Promise<string | undefined> {
	const { rows } = await db.raw<{ rows: { account_id: string | null }[] }>(
		"select account_id from senders where platform = ? and bot_id = ? and user_id = ?",
		[sender.platform, sender.botId, sender.userId],
	);
	return rows[0]?.account_id ?? undefined;
}

/** null: he has none any more. */
export async function setSenderAccount(
	trx: Knex,
	sender: SenderKey,
	accountId: string | null,
): Promise<void> {
	await trx.raw("update senders set account_id = ? where platform = ? and bot_id = ? and user_id = ?", [
		accountId,
		sender.platform,
		sender.botId,
		sender.userId,
	]);
}

/** Counts one hint to a sender without an account. @returns how many he was shown today (UTC), this one included. */
export async function countHint(trx: Knex, sender: SenderKey): Promise<number> {
	const { rows } = await trx.raw<{ rows: { hints: number }[] }>(
		`update senders set hint_day = now()::date,
			hints = case when hint_day = now()::date then least(hints, 1000) + 1 else 1 end
		where platform = ? and bot_id = ? and user_id = ? returning hints`,
		[sender.platform, sender.botId, sender.userId],
	);
	return rows[0]?.hints ?? 0;
}

/** Remembers the name as it is now, and that the sender can be reached: he has just written. */
export async function touchSender(db: Knex, sender: Sender): Promise<void> {
	await db.raw(
		`update senders set display_name = coalesce(?, display_name), reachable = true
		where platform = ? and bot_id = ? and user_id = ?`,
		[toStoredName(sender.displayName), sender.platform, sender.botId, sender.userId],
	);
}

/** The platform said that the sender blocked the bot, or let it write again. */
export async function setReachable(db: Knex, sender: SenderKey, reachable: boolean): Promise<void> {
	await db.raw("update senders set reachable = ? where platform = ? and bot_id = ? and user_id = ?", [
		reachable,
		sender.platform,
		sender.botId,
		sender.userId,
	]);
}

/** Who the account is, where it can be written to, oldest first. Programs with a key are not persons and not listed. */
export async function listSenders(db: Knex, accountId: string): Promise<readonly SenderAddress[]> {
	const { rows } = await db.raw<{
		rows: { platform: Platform; bot_id: string; user_id: string; display_name: string | null }[];
	}>(
		`select platform, bot_id, user_id, display_name from senders where account_id = ? and platform <> 'http'
		order by created_at, platform, bot_id, user_id`,
		[accountId],
	);
	return rows.map((row) => ({
		platform: row.platform,
		botId: row.bot_id,
		userId: row.user_id,
		displayName: row.display_name ?? undefined,
	}));
}

/**
 * Makes exactly these senders staff, and whoever sits at the terminal (`createIsStaff`). A sender who never wrote becomes staff
 * with his first message (`joinSender`).
 */
export async function syncStaff(db: Knex, staff: readonly SenderKey[]): Promise<void> {
	await db.raw(
		`with wanted as (select * from unnest(?::text[], ?::text[], ?::text[]) w (platform, bot_id, user_id))
		update senders s set is_staff = not s.is_staff
		where s.is_staff <> (s.platform = 'terminal' and s.bot_id = 'local' or exists (
			select 1 from wanted w where w.platform = s.platform and w.bot_id = s.bot_id and w.user_id = s.user_id))`,
		[staff.map((one) => one.platform), staff.map((one) => one.botId), staff.map((one) => one.userId)],
	);
}

const NAME_LENGTH_MAX = 200;

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
function toStoredName(name: string | undefined): string | null {
	return name === undefined ? null : name.replaceAll("\0", "").slice(0, NAME_LENGTH_MAX).toWellFormed();
}
