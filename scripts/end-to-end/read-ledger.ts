import { MICRO } from "../../core/ledger/ledger.ts";
import type { World } from "./start-world.ts";

/** What the database says an account has spent, by each of the places that say it. Whole tokens. */
export type LedgerView = {
	readonly accountId: string;
	readonly granted: number;
	/** Of the buckets that count now. */
	readonly posted: number;
	readonly pending: number;
	/** Sum of the journal's postings. */
	readonly journal: number;
	/** Sum of what reservations were charged. */
	readonly charged: number;
	/** Rows of the usage log, oldest first. */
	readonly calls: readonly UsageRow[];
	/** When the running day of tokens ends. */
	readonly resetsAt: Date | undefined;
	readonly zone: string;
};

export type UsageRow = {
	readonly input: number;
	readonly output: number;
	readonly charged: number;
	readonly origin: "reported" | "counted";
	readonly outcome: string;
	readonly channel: string;
};

/** By the id of a Telegram user, or of his private chat, which is the same. */
export async function findAccount(
	{ db, bot }: Pick<World, "db" | "bot">,
	{ id }: { readonly id: number },
): Promise<string> {
	const row = await db("senders")
		.where({ platform: "telegram", bot_id: String(bot.id), user_id: String(id) })
		.first<{ account_id: string | null }>("account_id");
	if (row?.account_id == null) throw new Error(`${id} has no account`);
	return row.account_id;
}

export async function readLedger({ db }: Pick<World, "db">, accountId: string): Promise<LedgerView> {
	const { rows } = await db.raw<{ rows: Omit<LedgerView, "accountId" | "calls">[] }>(
		`with live as (
			select * from ledger_buckets
			where account_id = :accountId and starts_at <= clock_timestamp() and ends_at > clock_timestamp()
		), spent as (
			select coalesce((select sum(granted_micro) from live), 0)::float8 as granted,
				coalesce((select sum(posted_micro) from live), 0)::float8 as posted,
				coalesce((select sum(pending_micro) from live), 0)::float8 as pending,
				coalesce((select sum(posted_micro) from ledger_journal where account_id = :accountId), 0)::float8 as journal,
				coalesce((select sum(charged_micro) from ledger_reservations where account_id = :accountId), 0)::float8 as charged
		)
		select granted / :micro as granted, posted / :micro as posted, pending / :micro as pending, journal / :micro as journal,
			charged / :micro as charged, zone, (select max(ends_at) from live where kind = 'daily') as "resetsAt"
		from ledger_accounts cross join spent where account_id = :accountId`,
		{ accountId, micro: MICRO },
	);
	const [row] = rows;
	if (row === undefined) throw new Error(`account ${accountId} has no ledger`);
	return { ...row, resetsAt: row.resetsAt ?? undefined, accountId, calls: await readCalls(db, accountId) };
}

async function readCalls(db: World["db"], accountId: string): Promise<readonly UsageRow[]> {
	const { rows } = await db.raw<{ rows: UsageRow[] }>(
		`select input_tokens::integer as input, output_tokens::integer as output, charged_micro::float8 / ? as charged,
			tokens_origin as origin, outcome, channel
		from usage_log where account_id = ? order by id`,
		[MICRO, accountId],
	);
	return rows;
}
