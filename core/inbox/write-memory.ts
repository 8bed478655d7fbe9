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
	await trx.raw("select conversation_append(?)", [
		toStorableJson(JSON.stringify(rows.map((row, place) => ({ ...row, place })))),
	]);
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
