import type { Knex } from "knex";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { countDeadlocks, readTotals } from "../../prove/quota/ledger-totals.ts";

/** What was answered by us so far, by what one answer costs. */
export type Answered = { whole: number; stream: number };

const QUIET_MS_MAX = 30_000;
const LOOK_MS = 100;

/**
 * The ledger after a run, when what was under way has come to its end.
 *
 * @throws Error when a reservation is still open, an answer was not charged exactly once with what the vendor reported, or
 *   the ledger disagrees with itself
 */
export async function checkBooks(
	db: Knex,
	answered: Answered,
	tokens: { readonly whole: number; readonly stream: number },
): Promise<{ readonly deadlocks: number; readonly violations: number; readonly unsettled: number }> {
	const unsettled = await untilNonePending(db);
	const { violations, unbalanced, expired, overruns } = await readTotals(db);
	const { rows } = await db.raw<{
		rows: { posted: number; charged: number; logged: number; spent: number }[];
	}>(
		`select (select count(*) from ledger_reservations where state = 'posted')::float8 as posted,
			(select coalesce(sum(charged_micro), 0) from ledger_reservations)::float8 as charged,
			(select count(*) from usage_log where outcome = 'complete' and tokens_origin = 'reported')::float8 as logged,
			(select coalesce(sum(charged_micro), 0) from usage_log)::float8 as spent`,
	);
	const deadlocks = await countDeadlocks(db);
	const told = answered.whole + answered.stream;
	const due = (answered.whole * tokens.whole + answered.stream * tokens.stream) * MICRO;
	const { posted = 0, charged = 0, logged = 0, spent = 0 } = rows[0] ?? {};
	const facts = { unsettled, violations, unbalanced, expired, overruns, deadlocks };
	const isWell = Object.values(facts).every((count) => count === 0);
	// Calls under one lease are one reservation.
	if (!isWell || posted > told || logged !== told || charged !== due || spent !== due) {
		throw new Error(
			`the books are wrong: ${JSON.stringify({ ...facts, posted, logged, told, charged, spent, due })}`,
		);
	}
	return { deadlocks, violations, unsettled };
}

/** What is open is so for as long as a lease lives without a call. */
async function untilNonePending(db: Knex): Promise<number> {
	const end = performance.now() + QUIET_MS_MAX;
	for (;;) {
		const pending = Number((await db("ledger_reservations").where("state", "pending").count())[0]?.["count"]);
		if (pending === 0 || performance.now() > end) return pending;
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
}
