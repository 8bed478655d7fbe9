import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../db/batcher.ts";
import { loadTurnContexts } from "../db/turn-contexts.ts";
import type { TurnContext, TurnKey } from "./account.ts";

/** Look-ups gathered into one statement. */
const BATCH_MAX = 200;
/** Reads wait for no row lock, so two batches may be under way. */
const PARALLEL_MAX = 2;

/** Reads what a turn must know about its sender; turns that begin together share a statement. Never cached. */
export function createTurnContexts(db: Knex): (key: TurnKey) => Promise<TurnContext | undefined> {
	return createBatcher({
		run: async (keys: readonly TurnKey[]) => await loadTurnContexts(db, keys),
		itemsMax: BATCH_MAX,
		gatherMs: TURN_GATHER_MS,
		parallelMax: PARALLEL_MAX,
	});
}
