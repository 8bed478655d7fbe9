import type { Knex } from "knex";

/** Wrong codes of one chat within WINDOW before it is shut out for BLOCK (source: security S1). */
const WRONG_MAX = 5;
const WINDOW_MS = 10 * 60_000;
const BLOCK_MS = 60 * 60_000;
/** Wrong codes of everybody within a minute before binding pauses. */
const WRONG_GLOBAL_MAX = 100;
const GLOBAL_WINDOW_MS = 60_000;
const GLOBAL_SCOPE = "*";

/** One attempt of a chat at a time, until the end of the transaction. */
export async function lockScope(trx: Knex, scope: string): Promise<void> {
	await trx.raw("select pg_advisory_xact_lock(hashtextextended(?, 2))", [scope]);
}

/** Milliseconds the chat has to wait before its next attempt; 0: it may try now. */
export async function findBlockMs(db: Knex, scope: string): Promise<number> {
	const { rows } = await db.raw<{ rows: { wait_ms: string | null }[] }>(
		`with chat as (
			select at from bind_attempts where scope = :scope order by at desc limit :wrongMax
		), everybody as (
			select at from bind_attempts where scope = :global and at > now() - :globalWindow * interval '1 millisecond'
			order by at desc limit :globalMax
		), blocks as (
			select max(at) + :block * interval '1 millisecond' as until from chat
			having count(*) >= :wrongMax and max(at) - min(at) <= :window * interval '1 millisecond'
			union all
			select min(at) + :globalWindow * interval '1 millisecond' from everybody having count(*) >= :globalMax
		)
		select ceil(extract(epoch from max(until) - now()) * 1000)::bigint as wait_ms from blocks where until > now()`,
		{
			scope,
			global: GLOBAL_SCOPE,
			wrongMax: WRONG_MAX,
			window: WINDOW_MS,
			block: BLOCK_MS,
			globalMax: WRONG_GLOBAL_MAX,
			globalWindow: GLOBAL_WINDOW_MS,
		},
	);
	return Number(rows[0]?.wait_ms ?? 0);
}

export async function countWrongCode(trx: Knex, scope: string): Promise<void> {
	await trx.raw("insert into bind_attempts (scope) values (?), (?)", [scope, GLOBAL_SCOPE]);
}
