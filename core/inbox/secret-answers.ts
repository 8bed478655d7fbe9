import type { Knex } from "knex";
import { findCodes } from "../bind-codes/find-codes.ts";
import type { LaneHold } from "../outbox/part.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";
import { toStorableJson } from "./storable-json.ts";

/** How long an answer that its caller fetches (HTTP), or whose node died, may still be read. */
const READABLE_MINUTES = 10;
const ROWS_MAX = 1_000;
/** Bodies that are read at a time: one may be a megabyte. */
const BODIES_MAX = 50;
const READS_MAX = 1_000;

type Answer = Pick<TurnOutcome, "result" | "forgets">;

/** True when an answer holds what is shown once (a key, a code, an export), or answers something of that kind. */
export function holdsSecret({ result, forgets }: Answer): boolean {
	return forgets !== undefined || result.replies.some((reply) => reply.secret === true);
}

/** Remembers, with the answers themselves, which of them are to be blanked, and what of the events they answer. */
export async function markSecretAnswers(
	trx: Knex.Transaction,
	items: readonly { readonly hold: LaneHold; readonly outcome: Answer }[],
): Promise<void> {
	const secret = items.filter(({ outcome }) => holdsSecret(outcome));
	if (secret.length === 0) return;
	const rows = secret.map(({ hold, outcome }) => ({ id: hold.inboxId, forgets: outcome.forgets ?? [] }));
	await trx.raw(
		`insert into secret_answers (inbox_id, forgets)
		select x.id, array(select jsonb_array_elements_text(x.forgets))
		from jsonb_to_recordset(?::jsonb) x (id bigint, forgets jsonb) on conflict (inbox_id) do nothing`,
		[toStorableJson(JSON.stringify(rows))],
	);
}

/** Blanks the secrets of an answer that was delivered, and of what it answered; does nothing while it still is to be. */
export async function blankSecretAnswer(db: Knex, inboxId: string): Promise<void> {
	await db.raw("select secret_answers_blank(array[?::bigint])", [inboxId]);
}

/**
 * Blanks what was not blanked at delivery: answers that are fetched, those of nodes that died, and what no turn has read.
 *
 * @returns answers blanked
 */
export async function blankOldSecretAnswers(db: Knex): Promise<number> {
	const unread = await blankUnread(db);
	const { rows } = await db.raw<{ rows: { blanked: number }[] }>(
		`select secret_answers_blank(array(
			select s.inbox_id from secret_answers s join inbox i on i.id = s.inbox_id
			where s.forgets is not null and i.status <> 'ready' and i.done_at < clock_timestamp() - ?::integer * interval '1 minute'
			order by s.inbox_id limit ?
		)) as blanked`,
		[READABLE_MINUTES, ROWS_MAX],
	);
	return unread + (rows[0]?.blanked ?? 0);
}

type Unread = { readonly id: string; readonly body: unknown };

/** Events that were refused as they came were read by nobody: what they hold is found out here. */
async function blankUnread(db: Knex): Promise<number> {
	let blanked = 0;
	for (let round = 0; round < READS_MAX; round += 1) {
		const { rows } = await db.raw<{ rows: Unread[] }>(
			`select i.id, i.body from secret_answers s join inbox i on i.id = s.inbox_id
			where s.forgets is null and i.status <> 'ready' order by i.id limit ?`,
			[BODIES_MAX],
		);
		const found = rows.map(({ id, body }) => ({ id, forgets: findCodes(body) }));
		const answer = await db.raw<{ rows: { blanked: number }[] }>("select secret_answers_read(?) as blanked", [
			toStorableJson(JSON.stringify(found)),
		]);
		blanked += answer.rows[0]?.blanked ?? 0;
		if (rows.length < BODIES_MAX) break;
	}
	return blanked;
}
