import type { Knex } from "knex";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import type { Person } from "../flow/people.ts";
import type { Vendor } from "../flow/vendor.ts";
import type { Facts } from "./point-cases.ts";
import { ANSWER } from "./point-cases.ts";

export type FactSources = {
	readonly db: Knex;
	readonly telegram: FakeTelegram;
	readonly vendor: Vendor;
	readonly bot: FakeBot;
	readonly person: Person;
	/** Of the posts that were acknowledged, by the order of the bot's updates. */
	readonly acknowledged: ReadonlySet<number>;
	/** Which of the person's questions it is about. */
	readonly question: number;
};

type Row = {
	readonly done: boolean;
	readonly attempts: number;
	readonly answerStored: boolean;
	readonly partState: string | null;
};
type Holds = { readonly pending: number; readonly charged: number; readonly expired: number };

/** Everything there is to know of one question, from Telegram, the vendor and the database. */
export async function readFacts(sources: FactSources): Promise<Facts> {
	const { db, telegram, vendor, bot, person, question } = sources;
	const messageId = person.asked[question] ?? 0;
	const { rows } = await db.raw<{ rows: Row[] }>(
		`select i.status = 'done' as done, i.attempts, i.checkpointed_at is not null as "answerStored", o.state as "partState"
		from inbox i left join outbox o on o.inbox_id = i.id and o.part = 0
		where i.bot_id = ? and i.body -> 'message' ->> 'message_id' = ?`,
		[String(bot.id), String(messageId)],
	);
	const [row] = rows;
	const calls = telegram.calls().filter(({ botId }) => botId === bot.id);
	return {
		acknowledged: sources.acknowledged.has(question),
		stored: rows.length === 1,
		done: row?.done ?? false,
		attempts: row?.attempts ?? 0,
		answerStored: row?.answerStored ?? false,
		partState: row?.partState ?? undefined,
		...(await readHolds(db, bot, messageId)),
		calls: vendor.asked.get(`${person.number}.${question}`) ?? 0,
		seen: person.chat
			.visibleMessages()
			.filter(({ replyToMessageId }) => replyToMessageId === messageId)
			.map(({ text }) => (text.startsWith(`Answer ${person.number}.${question} `) ? ANSWER : text)),
		unmodified: calls.filter(({ method, status }) => method === "editMessageText" && status === 400).length,
	};
}

/** Reservation ids begin with the number of their event. */
async function readHolds(db: Knex, bot: FakeBot, messageId: number): Promise<Holds> {
	const { rows } = await db.raw<{ rows: Holds[] }>(
		`select count(*) filter (where r.state = 'pending')::integer as pending,
			count(*) filter (where r.state = 'posted' and r.charged_micro > 0)::integer as charged,
			count(*) filter (where r.state = 'expired')::integer as expired
		from inbox i join ledger_reservations r
			on replace(left(r.id::text, 13), '-', '') = lpad(to_hex(i.id), 12, '0')
		where i.bot_id = ? and i.body -> 'message' ->> 'message_id' = ?`,
		[String(bot.id), String(messageId)],
	);
	return rows[0] ?? { pending: 0, charged: 0, expired: 0 };
}
