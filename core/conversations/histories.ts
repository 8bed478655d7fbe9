import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../db/batcher.ts";
import { loadHistories } from "../db/conversations.ts";
import type { HistoryKey, HistoryMessage } from "./conversation.ts";

/** Histories are long: fewer of them in a statement than of other look-ups. */
const BATCH_MAX = 50;
const PARALLEL_MAX = 2;

/** Reads what was said before; turns that begin together share a statement. */
export function createHistories(db: Knex): (key: HistoryKey) => Promise<readonly HistoryMessage[]> {
	return createBatcher({
		run: async (keys: readonly HistoryKey[]) => await loadHistories(db, keys),
		itemsMax: BATCH_MAX,
		gatherMs: TURN_GATHER_MS,
		parallelMax: PARALLEL_MAX,
	});
}
