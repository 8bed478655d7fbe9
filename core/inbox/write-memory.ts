import type { Knex } from "knex";
import type { LaneHold } from "../outbox/part.ts";
import type { Sender } from "../pipeline/message.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";
import { toStorableJson } from "./storable-json.ts";

export type Remembered = {
	readonly hold: LaneHold;
	readonly sender: Sender | undefined;
	readonly outcome: Pick<TurnOutcome, "memory" | "usage">;
};

const FAST = "#fast";

/**
 * Appends what was said to the conversations. The account is the one that was charged, else the sender's. A turn on the fast
 * lane belongs to the conversation of its chat.
 */
export async function writeMemory(trx: Knex.Transaction, items: readonly Remembered[]): Promise<void> {
	const rows = items.flatMap(toRows);
	if (rows.length === 0) return;
	await trx.raw(
		`with x as (
			select r.*, coalesce(r."accountId", s.account_id) as account_id
			from jsonb_to_recordset(?::jsonb) r (
				place integer, lane text, "inboxId" bigint, "accountId" bigint, platform text, "botId" text, "userId" text,
				role text, content text, tokens integer)
			left join senders s on s.platform = r.platform and s.bot_id = r."botId" and s.user_id = r."userId"
		), opened as (
			insert into conversations (lane, account_id)
			select distinct on (x.lane) x.lane, x.account_id from x where x.account_id is not null order by x.lane, x.place desc
			on conflict (lane) do update set account_id = excluded.account_id, updated_at = clock_timestamp()
			returning lane
		)
		insert into conversation_messages (lane, inbox_id, role, content, tokens, account_id)
		select x.lane, x."inboxId", x.role, x.content, x.tokens, x.account_id
		from x join opened o on o.lane = x.lane where x.account_id is not null order by x.place
		on conflict (inbox_id, role) do nothing`,
		[toStorableJson(JSON.stringify(rows.map((row, place) => ({ ...row, place }))))],
	);
}

function toRows({ hold, sender, outcome }: Remembered): readonly object[] {
	const lane = hold.lane.endsWith(FAST) ? hold.lane.slice(0, -FAST.length) : hold.lane;
	const accountId = outcome.usage[0]?.accountId ?? null;
	return (outcome.memory ?? []).map((said) => ({
		...said,
		lane,
		inboxId: hold.inboxId,
		accountId,
		platform: sender?.platform ?? null,
		botId: sender?.botId ?? null,
		userId: sender?.userId ?? null,
	}));
}
