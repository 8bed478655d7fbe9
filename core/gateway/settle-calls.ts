import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { createBatcher } from "../db/batcher.ts";
import { settleWithUsage, writeUsage } from "../inbox/write-usage.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { CallResult } from "../models/model-call.ts";
import { settleKeyHolds } from "./keys/key-caps.ts";

export type SettleCallsDeps = {
	readonly db: Knex;
	readonly ledger: Pick<Ledger, "settleIn">;
	/** A charge that could not be written: the house's loss, and somebody's work. */
	readonly onTrouble: (message: string, error: unknown) => void;
};

/** isCapped: the key's own caps hold something for it. */
export type EndedCall = Pick<CallResult, "settlement" | "usage" | "share"> & { readonly isCapped: boolean };

const BATCH_MAX = 200;
/** The reservation lives for two minutes more. */
const PAUSES_MS = [200, 1_000, 5_000, 15_000, 30_000];

/**
 * Charges calls that are over: settlement, usage row and the key's own cap in one transaction, many calls in one statement.
 * A database that is away is tried for as long as the reservations live. Never throws.
 */
export function createSettleCalls({
	db,
	ledger,
	onTrouble,
}: SettleCallsDeps): (ended: EndedCall) => Promise<void> {
	const settle = createBatcher<EndedCall, void>({
		run: async (ended) => {
			// Few keys have caps: without them one statement is all, and its own transaction.
			if (ended.some(({ isCapped }) => isCapped)) {
				await db.transaction(async (trx) => await settleAll(trx, ledger, ended));
			} else await settleWithUsage(db, ended);
			return ended.map(() => undefined);
		},
		itemsMax: BATCH_MAX,
	});
	return async (ended) => {
		if (ended.share !== undefined) {
			// Held durably already; its row follows within milliseconds.
			ended.share.end(ended.settlement.actualMicro, ended.usage);
			return;
		}
		for (const pauseMs of [...PAUSES_MS, undefined]) {
			try {
				await settle(ended);
				return;
			} catch (error) {
				if (pauseMs === undefined) onTrouble("a call was answered and could not be charged", error);
				else await sleep(pauseMs);
			}
		}
	};
}

async function settleAll(
	trx: Knex.Transaction,
	ledger: Pick<Ledger, "settleIn">,
	ended: readonly EndedCall[],
): Promise<void> {
	const outcomes = await ledger.settleIn(
		trx,
		ended.map(({ settlement }) => settlement),
	);
	const charged = new Map<string, number>();
	for (const [index, { settlement }] of ended.entries()) {
		const outcome = outcomes[index];
		if (outcome !== undefined && "chargedMicro" in outcome) {
			charged.set(settlement.reservationId, outcome.chargedMicro);
		}
	}
	await writeUsage(
		trx,
		ended.map(({ usage }) => usage),
		charged,
	);
	await settleKeyHolds(
		trx,
		[...charged].map(([reservationId, chargedMicro]) => ({ reservationId, chargedMicro })),
	);
}
