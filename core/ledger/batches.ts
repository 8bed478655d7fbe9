import type { Knex } from "knex";
import { runPrepared } from "../db/run-prepared.ts";
import { AppError } from "../errors.ts";
import type {
	ReservationState,
	ReserveOutcome,
	ReserveRequest,
	Settlement,
	SettleOutcome,
} from "./ledger.ts";

const RESERVE = {
	name: "ledger_reserve",
	sql: "select ledger_reserve(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[]) as exceptions",
};
const SETTLE = {
	name: "ledger_settle",
	sql: "select ledger_settle(?::uuid[], ?::bigint[]) as exceptions",
};
const TTL_MS_MIN = 1_000;
const TTL_MS_MAX = 3_600_000;

/**
 * Many reservations in one statement. An outcome is an error where the account is unknown, so that one bad request does not
 * fail its neighbours.
 */
export async function reserveBatch(
	db: Knex,
	requests: readonly ReserveRequest[],
): Promise<readonly (ReserveOutcome | AppError)[]> {
	const exceptions = await askExceptions<[position: number, kind: string, amountMicro: number]>(db, RESERVE, [
		toArray(requests, (request) => request.reservationId),
		toArray(requests, (request) => request.accountId),
		toArray(requests, (request) => request.minimumMicro),
		toArray(requests, (request) => request.wantedMicro),
		toArray(requests, (request) => clampTtl(request.ttlMs)),
	]);
	const outcomes: (ReserveOutcome | AppError)[] = requests.map((request) => ({
		kind: "reserved",
		amountMicro: request.wantedMicro,
	}));
	for (const [position, kind, amountMicro] of exceptions) {
		outcomes[position - 1] = toReserveOutcome(kind, amountMicro);
	}
	return outcomes;
}

function toReserveOutcome(kind: string, amountMicro: number): ReserveOutcome | AppError {
	switch (kind) {
		case "reserved":
			return { kind, amountMicro };
		case "insufficient":
			return { kind, availableMicro: amountMicro };
		case "unknown":
			return new AppError("INTERNAL", "no quota account of that id");
		default:
			return { kind: "duplicate", state: kind as ReservationState, amountMicro };
	}
}

/** Many settlements in one statement. */
export async function settleBatch(
	db: Knex,
	settlements: readonly Settlement[],
): Promise<readonly SettleOutcome[]> {
	const exceptions = await askExceptions<
		[position: number, kind: string, chargedMicro: number, overrunMicro: number]
	>(db, SETTLE, [
		toArray(settlements, (settlement) => settlement.reservationId),
		toArray(settlements, (settlement) => settlement.actualMicro),
	]);
	const outcomes: SettleOutcome[] = settlements.map((settlement) => ({
		kind: "settled",
		chargedMicro: settlement.actualMicro,
		overrunMicro: 0,
	}));
	for (const [position, kind, chargedMicro, overrunMicro] of exceptions) {
		outcomes[position - 1] = toSettleOutcome(kind, chargedMicro, overrunMicro);
	}
	return outcomes;
}

function toSettleOutcome(kind: string, chargedMicro: number, overrunMicro: number): SettleOutcome {
	if (kind === "unknown") return { kind };
	if (kind === "settled") return { kind, chargedMicro, overrunMicro };
	return {
		kind: "already",
		state: kind as Exclude<ReservationState, "pending">,
		chargedMicro,
		overrunMicro,
	};
}

/** Moves the expiry of the unresolved ones among the reservations to the database's now + ttlMs. */
export async function heartbeatBatch(
	db: Knex,
	reservationIds: readonly string[],
	ttlMs: number,
): Promise<void> {
	await db.raw("select ledger_heartbeat(?::uuid[], ?::bigint)", [
		toArray(reservationIds, (id) => id),
		clampTtl(ttlMs),
	]);
}

/** The functions answer only what went otherwise than asked, as JSON, or '' when nothing did. Positions count from 1. */
async function askExceptions<Exception>(
	db: Knex,
	statement: { readonly name: string; readonly sql: string },
	bindings: readonly string[],
): Promise<readonly Exception[]> {
	const [row] = await runPrepared<{ exceptions: string }>(db, statement, bindings);
	const text = row?.exceptions ?? "";
	return text === "" ? [] : (JSON.parse(text) as Exception[]);
}

/** A PostgreSQL array literal of ids and whole numbers, which need no quotes. Cheaper than the driver's own. */
function toArray<Item>(items: readonly Item[], pick: (item: Item) => string | number): string {
	return `{${items.map(pick).join(",")}}`;
}

function clampTtl(ttlMs: number): number {
	return Math.min(TTL_MS_MAX, Math.max(TTL_MS_MIN, Math.trunc(ttlMs)));
}
