import type { Knex } from "knex";
import type { Platform, TurnResult } from "../pipeline/message.ts";
import type { SourceUsage, StoredTurn } from "../usage/usage.ts";

/** What the account used since an instant, most expensive source first. */
export async function usageBySource(
	db: Knex,
	accountId: string,
	since: Date,
): Promise<readonly SourceUsage[]> {
	const { rows } = await db.raw<{
		rows: { source: string; calls: string; input: string; output: string; charged: string }[];
	}>(
		`select source, count(*) as calls, sum(input_tokens) as input, sum(output_tokens) as output, sum(charged_micro) as charged
		from usage_log where account_id = ? and created_at >= ? group by source order by sum(charged_micro) desc, source`,
		[accountId, since.toISOString()],
	);
	return rows.map((row) => ({
		source: row.source,
		calls: Number(row.calls),
		inputTokens: Number(row.input),
		outputTokens: Number(row.output),
		chargedMicro: Number(row.charged),
	}));
}

/** The lane's last finished events, newest first, whoever sent them. */
export async function listFinishedTurns(
	db: Knex,
	lane: string,
	limit: number,
): Promise<readonly StoredTurn[]> {
	const { rows } = await db.raw<{ rows: TurnRow[] }>(
		`select i.id, i.platform, i.bot_id, i.event_id, i.body, i.status, i.result, i.received_at,
			exists (select 1 from usage_log u where u.inbox_id = i.id and u.outcome = 'cut') as cut
		from (
			select * from inbox where lane = ? and status <> 'ready' order by id desc limit ?
		) i order by i.id desc`,
		[lane, limit],
	);
	return rows.map((row) => ({
		inboxId: row.id,
		platform: row.platform,
		botId: row.bot_id,
		eventId: row.event_id,
		body: row.body,
		status: row.status,
		result: row.result ?? undefined,
		receivedAt: row.received_at,
		cut: row.cut,
	}));
}

/** Reservations that a turn was charged to, of this account alone. */
export async function listCharges(db: Knex, inboxId: string, accountId: string): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { reservation_id: string }[] }>(
		"select reservation_id from usage_log where inbox_id = ? and account_id = ? and charged_micro > 0 order by id",
		[inboxId, accountId],
	);
	return rows.map((row) => row.reservation_id);
}

type TurnRow = {
	id: string;
	platform: Platform;
	bot_id: string;
	event_id: string;
	body: unknown;
	status: StoredTurn["status"];
	result: TurnResult | null;
	received_at: Date;
	cut: boolean;
};
