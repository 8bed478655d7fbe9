import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../db/batcher.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LaneHold } from "../outbox/part.ts";
import type { NewPart } from "../outbox/to-parts.ts";
import type { Sender, TurnResult } from "../pipeline/message.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";
import { correctCharges } from "./correct-charges.ts";
import { crashPoint } from "./crash-point.ts";
import { isDatabaseTrouble, isRetryable } from "./pg-trouble.ts";
import { markSecretAnswers } from "./secret-answers.ts";
import { toStorableJson } from "./storable-json.ts";
import { writeDialogues } from "./write-dialogues.ts";
import { writeMemory } from "./write-memory.ts";
import { writeUsage } from "./write-usage.ts";

/** What is committed together: the answer, its charge, and everything that must agree with them. */
export type CheckpointItem = {
	readonly hold: LaneHold;
	readonly outcome: TurnOutcome;
	readonly parts: readonly NewPart[];
	/** How the event ends once it is delivered; undefined leaves what acceptance decided. */
	readonly endsAs?: "dead" | "refused";
	/** Nothing is to be delivered: the event ends here and the lane is given back. */
	readonly isEnd: boolean;
	/** Another node may wait for this answer. */
	readonly isAnnounced: boolean;
	readonly sender: Sender | undefined;
};

/** fenced: the lease is lost, discard. already: an earlier try was committed. more: as of WriteOutcome. */
export type CheckpointOutcome = {
	readonly kind: "fenced" | "written" | "more" | "already";
	/** As it is stored: the charge it names is what the ledger took. */
	readonly result: TurnResult;
};

export type Checkpoint = (item: CheckpointItem) => Promise<CheckpointOutcome>;

const ITEMS_MAX = 100;
const RETRIES_MAX = 3;
const KINDS = ["fenced", "written", "more", "already"] as const;

/**
 * One transaction for the answers of many turns. When it fails each is tried alone.
 *
 * @throws DialogueRaceError when another turn changed the dialogue meanwhile: repeat the turn. What the database throws.
 */
export function createCheckpoint(db: Knex, ledger: Pick<Ledger, "settleIn">): Checkpoint {
	return createBatcher<CheckpointItem, CheckpointOutcome>({
		itemsMax: ITEMS_MAX,
		gatherMs: TURN_GATHER_MS,
		isItemFault: (error) => !isDatabaseTrouble(error),
		run: async (items) => {
			crashPoint("before-checkpoint");
			for (let tries = 1; ; tries += 1) {
				try {
					const outcomes = await db.transaction(async (trx) => await writeAll(trx, ledger, items));
					crashPoint("after-checkpoint");
					return outcomes;
				} catch (error) {
					if (!isRetryable(error) || tries >= RETRIES_MAX) throw error;
				}
			}
		},
	});
}

async function writeAll(
	trx: Knex.Transaction,
	ledger: Pick<Ledger, "settleIn">,
	items: readonly CheckpointItem[],
): Promise<readonly CheckpointOutcome[]> {
	const kinds = await writeAnswers(trx, items);
	const written = items.filter((_, index) => kinds[index] === "written" || kinds[index] === "more");
	await writeDialogues(
		trx,
		written.flatMap((item) => item.outcome.dialogues ?? []),
	);
	await writeMemory(trx, written);
	await markSecretAnswers(trx, written);
	const settlements = written.flatMap((item) => item.outcome.settlements);
	const settled = settlements.length === 0 ? [] : await ledger.settleIn(trx, settlements);
	const charged = new Map<string, number>();
	for (const [index, settlement] of settlements.entries()) {
		const outcome = settled[index];
		if (outcome !== undefined && outcome.kind !== "unknown")
			charged.set(settlement.reservationId, outcome.chargedMicro);
	}
	await writeUsage(
		trx,
		written.flatMap((item) => item.outcome.usage),
		charged,
	);
	const results = new Map(
		(await correctCharges(trx, written, charged)).map((result, index) => [written[index], result]),
	);
	return items.map((item, index) => ({
		kind: kinds[index] ?? "fenced",
		result: results.get(item) ?? item.outcome.result,
	}));
}

async function writeAnswers(
	trx: Knex.Transaction,
	items: readonly CheckpointItem[],
): Promise<readonly CheckpointOutcome["kind"][]> {
	const rows = items.map(({ hold, outcome, parts, endsAs, isEnd, isAnnounced }, n) => ({
		n,
		id: hold.inboxId,
		lane: hold.lane,
		token: hold.token,
		result: outcome.result,
		parts,
		...(endsAs !== undefined && { endsAs }),
		...(isEnd && { finish: "done" }),
		...(isAnnounced && { announce: true }),
	}));
	const answer = await trx.raw<{ rows: { codes: number[] }[] }>("select * from inbox_checkpoint(?)", [
		toStorableJson(JSON.stringify(rows)),
	]);
	return (answer.rows[0]?.codes ?? []).map((code) => KINDS[code] ?? "fenced");
}
