import type { Knex } from "knex";

/** What the database says in the end. */
export type Books = { readonly isRight: boolean; readonly figures: Readonly<Record<string, number>> };

type Row = {
	readonly stored: number;
	readonly notDone: number;
	/** Given up: its sender was told. */
	readonly dead: number;
	readonly chargedTwice: number;
	readonly uncharged: number;
	readonly violations: number;
	readonly attemptsMax: number;
};

/** Every stored question is done, was charged once, and the ledger agrees with itself. */
export async function readBooks(db: Knex): Promise<Books> {
	const { rows } = await db.raw<{ rows: Row[] }>(`
		with charges as (
			select i.id, count(u.id) filter (where u.charged_micro > 0) as times
			from inbox i left join usage_log u on u.inbox_id = i.id 
			where i.status <> 'dead' and jsonb_exists(i.body, 'message') group by i.id
		)
		select (select count(*) from inbox)::integer as stored,
			(select count(*) from inbox where status not in ('done', 'dead'))::integer as "notDone",
			(select count(*) from inbox where status = 'dead')::integer as dead,
			(select count(*) from charges where times > 1)::integer as "chargedTwice",
			(select count(*) from charges where times = 0)::integer as uncharged,
			(select count(*) from violations)::integer as violations,
			(select coalesce(max(attempts), 0) from inbox)::integer as "attemptsMax"`);
	const [row] = rows;
	if (row === undefined) throw new Error("no books");
	const { stored, notDone, dead, chargedTwice, uncharged, violations, attemptsMax } = row;
	return {
		isRight: notDone === 0 && chargedTwice === 0 && uncharged === 0 && violations === 0,
		figures: { stored, notDone, dead, chargedTwice, uncharged, violations, attemptsMax },
	};
}

/** What is stored of the questions of a lane that were not simply answered. */
export async function findStrange(db: Knex, chatId: number): Promise<readonly unknown[]> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`select i.id, i.event_id, i.status, i.ends_as, i.attempts, i.body -> 'message' ->> 'text' as text,
			i.result -> 'error' ->> 'code' as error, jsonb_agg(to_jsonb(o) - 'inbox_id') as parts
		from inbox i left join outbox o on o.inbox_id = i.id
		where i.lane like ? group by i.id order by i.id`,
		[`telegram:%:${chatId}%`],
	);
	return rows;
}
