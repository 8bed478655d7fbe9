import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../db/batcher.ts";
import { AppError } from "../errors.ts";
import { isItemFault, tryAgain } from "./again.ts";
import { assertMicro } from "./amounts.ts";
import { readBalances } from "./balance.ts";
import { heartbeatBatch, reserveBatch, settleBatch } from "./batches.ts";
import type { Balance, Ledger, ReserveOutcome, ReserveRequest, Settlement, SettleOutcome } from "./ledger.ts";
import { expireReservations } from "./sweep.ts";

/** Items in one statement. More gain little and keep the locks of a batch longer. */
const BATCH_ITEMS_MAX = 500;

/** The ledger on PostgreSQL. One statement at a time reserves and one settles, so a process never waits for its own locks for long. */
export function createLedger(deps: {
	readonly db: Knex;
	/** How long calls that come in company may wait for more of it; for callers whose answer waits for every millisecond less. */
	readonly gatherMs?: number;
}): Ledger {
	const { db, gatherMs = TURN_GATHER_MS } = deps;
	const reserve = toBatched<ReserveRequest, ReserveOutcome>(async (requests) => {
		return await tryAgain(async (isRepeat) => {
			const outcomes = await reserveBatch(db, requests);
			return isRepeat ? outcomes.map(ownReservation) : outcomes;
		});
	}, gatherMs);
	const settle = toBatched<Settlement, SettleOutcome>(async (settlements) => {
		return await tryAgain(async (isRepeat) => {
			const outcomes = await settleBatch(db, settlements);
			return isRepeat ? outcomes.map(ownSettlement) : outcomes;
		});
	}, gatherMs);
	const balance = toBatched<string, Balance | undefined>(
		async (accountIds) => await tryAgain(async () => await readBalances(db, accountIds)),
		gatherMs,
	);
	return {
		reserve: async (request) => {
			assertMicro("minimumMicro", request.minimumMicro);
			assertMicro("wantedMicro", request.wantedMicro);
			if (request.wantedMicro < Math.max(1, request.minimumMicro)) {
				throw new AppError("INTERNAL", "wantedMicro must be at least 1 and at least minimumMicro");
			}
			return await reserve(request);
		},
		settle: async (settlement) => {
			assertMicro("actualMicro", settlement.actualMicro);
			return await settle(settlement);
		},
		settleIn: async (trx, settlements) => {
			if (settlements.length === 0) return [];
			for (const settlement of settlements) assertMicro("actualMicro", settlement.actualMicro);
			return await settleBatch(trx, settlements);
		},
		heartbeat: async (reservationIds, ttlMs) => {
			if (reservationIds.length === 0) return;
			await tryAgain(async () => await heartbeatBatch(db, reservationIds, ttlMs));
		},
		expire: async (limit) => await tryAgain(async () => await expireReservations(db, limit)),
		balance: async (accountId): Promise<Balance> => {
			const found = await balance(accountId);
			if (found === undefined) throw new AppError("INTERNAL", `no quota account ${accountId}`);
			return found;
		},
	};
}

/** Concurrent calls in one statement. `run` may answer an error for an item; the item's caller gets it thrown. */
function toBatched<Item, Result>(
	run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
	gatherMs: number,
): (item: Item) => Promise<Result> {
	const call = createBatcher<Item, Result | Error>({
		run,
		itemsMax: BATCH_ITEMS_MAX,
		isItemFault,
		gatherMs,
	});
	return async (item) => {
		const result = await call(item);
		if (result instanceof Error) throw result;
		return result;
	};
}

/** What a repeated statement finds pending under its id is what the first try committed before its answer was lost. */
function ownReservation(outcome: ReserveOutcome | AppError): ReserveOutcome | AppError {
	if (outcome instanceof Error || outcome.kind !== "duplicate" || outcome.state !== "pending") return outcome;
	return { kind: "reserved", amountMicro: outcome.amountMicro };
}

function ownSettlement(outcome: SettleOutcome): SettleOutcome {
	if (outcome.kind !== "already" || outcome.state === "expired") return outcome;
	return { kind: "settled", chargedMicro: outcome.chargedMicro, overrunMicro: outcome.overrunMicro };
}
