import type { Knex } from "knex";
import { BENCH_MODEL, BENCH_PROVIDER_ID } from "../pipeline/add-provider.ts";
import { answerTo, toQuestion } from "../pipeline/questions.ts";

/** What seedTurns fills. */
export const TURN_TABLES = [
	"inbox",
	"outbox",
	"conversations",
	"conversation_messages",
	"usage_log",
] as const;

/** Finished events are kept for 30 days. */
const TURN_DAYS = 28;
/** Beyond the ids whose reservations were made up, and those of the ledger's bench: what is new has the highest ids, as it is in use. */
const NEXT_INBOX_ID = 2_000_000_000;

/** Everybody's last question with its answer: event, delivery, history and usage. */
export async function seedTurns(db: Knex): Promise<void> {
	const question = toQuestion(0);
	await db.raw(
		`insert into inbox (platform, bot_id, event_id, lane, body, body_hash, received_at, status, attempts, result, checkpointed_at, done_at)
		select 'telegram', s.bot_id, n::text, 'telegram:' || s.bot_id || ':' || s.user_id, b.body, sha256(convert_to(b.body::text, 'UTF8')),
			t.at, 'done', 1, jsonb_build_object('replies', jsonb_build_array(jsonb_build_object('markdown', :answer::text))), t.at, t.at
		from (select *, row_number() over (order by account_id) as n, count(*) over () as many from senders) s
		cross join lateral (select now() - (1 - s.n::float8 / s.many) * interval '${TURN_DAYS} days' as at) t
		cross join lateral (select jsonb_build_object('update_id', s.n, 'message', jsonb_build_object('message_id', 1,
			'from', jsonb_build_object('id', s.user_id::bigint, 'is_bot', false, 'first_name', s.display_name),
			'chat', jsonb_build_object('id', s.user_id::bigint, 'type', 'private'), 'date', 1795000000, 'text', :question::text)) as body) b`,
		{ answer: answerTo(question), question },
	);
	await db.raw(
		`insert into outbox (inbox_id, part, content, state, message_id)
		select id, 0, result -> 'replies' -> 0, 'done', '2' from inbox`,
	);
	await db.raw(
		`insert into conversations (lane, account_id, updated_at)
		select i.lane, s.account_id, i.done_at from inbox i
		join senders s on s.platform = i.platform and s.bot_id = i.bot_id and i.lane = 'telegram:' || s.bot_id || ':' || s.user_id`,
	);
	await db.raw(
		`insert into conversation_messages (lane, inbox_id, account_id, role, content, tokens, created_at)
		select i.lane, i.id, c.account_id, k.role, k.content, 12, i.done_at
		from inbox i join conversations c on c.lane = i.lane
		cross join (values ('user', :question::text), ('assistant', :answer::text)) k (role, content)`,
		{ answer: answerTo(question), question },
	);
	await db.raw(
		`insert into usage_log (account_id, inbox_id, reservation_id, channel, source, provider_id, model, region, policy,
			input_tokens, output_tokens, tokens_origin, charged_micro, latency_ms, outcome, created_at)
		select c.account_id, i.id, (lpad(to_hex(i.id), 12, '0') || '8' || substr(md5(i.lane), 1, 3) || '8' || substr(md5(i.lane), 4, 15))::uuid,
			'telegram', 'chat', ?, ?, 'local', 'BEST', 20, 10, 'reported', 0, 900, 'complete', i.done_at
		from inbox i join conversations c on c.lane = i.lane`,
		[BENCH_PROVIDER_ID, BENCH_MODEL],
	);
	await db.raw(`alter table inbox alter column id restart with ${NEXT_INBOX_ID}`);
}
