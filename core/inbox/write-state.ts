import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../db/batcher.ts";
import { runPrepared } from "../db/run-prepared.ts";
import type { LaneHold, StateWrite, WriteOutcome, WriteState } from "../outbox/part.ts";
import { isDatabaseTrouble } from "./pg-trouble.ts";
import { toStorableJson } from "./storable-json.ts";

const ITEMS_MAX = 200;
/** Batches of different lanes cannot wait for each other. */
const PARALLEL_MAX = 2;
/** Longest reason of a failed send that is stored. */
const ERROR_LENGTH_MAX = 500;

const ADVANCE = { name: "inbox_advance", sql: "select * from inbox_advance(?)" };
const OUTCOMES = ["fenced", "written", "more"] as const;

/** Writes of many turns in one statement, each under its own lease. */
export function createWriteState(db: Knex): WriteState {
	type Item = LaneHold & StateWrite;
	const write = createBatcher<Item, WriteOutcome>({
		itemsMax: ITEMS_MAX,
		gatherMs: TURN_GATHER_MS,
		isItemFault: (error) => !isDatabaseTrouble(error),
		parallelMax: PARALLEL_MAX,
		run: async (items) => {
			const [row] = await runPrepared<{ codes: number[] }>(db, ADVANCE, [
				toStorableJson(JSON.stringify(items.map(toItem))),
			]);
			return (row?.codes ?? []).map((code) => OUTCOMES[code] ?? "fenced");
		},
	});
	return async (hold, { error, ...change }) => {
		const { inboxId, lane, token } = hold;
		const reason = error === undefined ? {} : { error: error.slice(0, ERROR_LENGTH_MAX) };
		return await write({ inboxId, lane, token, ...change, ...reason });
	};
}

function toItem({ inboxId, ...item }: LaneHold & StateWrite, n: number): object {
	return { ...item, id: inboxId, n };
}
