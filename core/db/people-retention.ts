import type { Knex } from "knex";

/** Rows deleted by one statement; the next run goes on. */
const ROWS_MAX = 5_000;

/** What is thrown away, oldest first as the index gives it, and after how long. */
const RULES = [
	"bind_attempts where at < now() - interval '1 day'",
	"sender_tombstones where expires_at < now()",
	"bind_codes where expires_at < now() - interval '30 days'",
	"api_keys where revoked_at < now() - interval '30 days'",
	"api_keys where expires_at < now() - interval '30 days'",
	// Somebody who was refused an invitation and never came back.
	"senders where account_id is null and created_at < now() - interval '30 days' and coalesce(hint_day, '-infinity') < now() - interval '30 days'",
	"dialogues where updated_at < now() - interval '30 days'",
	// A turn that ended just after its account was deleted left its words behind.
	"conversation_messages where account_id in (select id from accounts where deleted_at > now() - interval '3 days')",
	"account_lanes where account_id in (select id from accounts where deleted_at > now() - interval '3 days')",
	// Forgotten by /new, and long enough ago that nobody asks for it back.
	`conversation_messages m where created_at < now() - interval '30 days' and exists (
		select 1 from account_lanes l where l.lane = m.lane and l.account_id = m.account_id and l.starts_after_id >= m.id)`,
] as const;

/** Throws away what is no longer needed about people; a periodic job, safe on many nodes at a time. @returns rows deleted. */
export async function deleteOldPeople(db: Knex, rowsMax: number = ROWS_MAX): Promise<number> {
	let deleted = 0;
	for (const rule of RULES) {
		const table = rule.split(" ", 1)[0] ?? "";
		const { rows } = await db.raw<{ rows: unknown[] }>(
			`delete from ${table} where ctid = any(array(select ctid from ${rule} limit ? for update skip locked)) returning 1`,
			[rowsMax],
		);
		deleted += rows.length;
	}
	return deleted;
}
