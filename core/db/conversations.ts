import type { Knex } from "knex";
import type { HistoryKey, HistoryMessage } from "../conversations/conversation.ts";
import { runPrepared } from "./run-prepared.ts";

/** However small they are: a model loses the thread before that. */
const MESSAGES_MAX = 100;
const HISTORY = {
	name: "conversation_history",
	sql: "select place, role, content, tokens from conversation_history(?, ?::bigint[], ?::bigint[], ?, ?)",
};

/**
 * The end of each conversation that fits its budget, oldest first; one statement for all. A history never begins with an
 * answer whose question is gone.
 */
export async function loadHistories(
	db: Knex,
	keys: readonly HistoryKey[],
): Promise<readonly (readonly HistoryMessage[])[]> {
	const rows = await runPrepared<HistoryMessage & { readonly place: string }>(db, HISTORY, [
		keys.map((key) => key.lane),
		keys.map((key) => key.accountId),
		keys.map((key) => key.startsAfter),
		keys.map((key) => key.tokensMax),
		MESSAGES_MAX,
	]);
	const histories = keys.map((): HistoryMessage[] => []);
	for (const { place, role, content, tokens } of rows) {
		const history = histories[Number(place) - 1];
		if (history === undefined || (history.length === 0 && role === "assistant")) continue;
		history.push({ role, content, tokens });
	}
	return histories;
}

/** Forgets the account's conversation in this lane up to now. */
export async function startNew(db: Knex, lane: string, accountId: string): Promise<void> {
	await db.raw(
		`insert into account_lanes (lane, account_id, starts_after_id)
		select :lane, :accountId, coalesce(max(id), 0) from conversation_messages
			where lane = :lane and account_id = :accountId
		on conflict (lane, account_id) do update
			set starts_after_id = greatest(account_lanes.starts_after_id, excluded.starts_after_id)`,
		{ lane, accountId },
	);
}

/** A chat got another id (Telegram: group -> supergroup): its conversations go along. */
export async function moveConversation(db: Knex, fromLane: string, toLane: string): Promise<void> {
	await db.transaction(async (trx) => {
		const lanes = { fromLane, toLane };
		await trx.raw(
			`insert into conversations (lane, account_id, agent_id, starts_after_id)
			select :toLane, account_id, agent_id, starts_after_id from conversations where lane = :fromLane
			on conflict (lane) do nothing`,
			lanes,
		);
		await trx.raw("update conversation_messages set lane = :toLane where lane = :fromLane", lanes);
		await trx.raw(
			`insert into account_lanes (lane, account_id, starts_after_id, agent_chosen, agent_id)
			select :toLane, account_id, starts_after_id, agent_chosen, agent_id from account_lanes where lane = :fromLane
			on conflict (lane, account_id) do nothing`,
			lanes,
		);
		await trx.raw("delete from account_lanes where lane = :fromLane", lanes);
		await trx.raw("delete from conversations where lane = :fromLane", lanes);
	});
}
