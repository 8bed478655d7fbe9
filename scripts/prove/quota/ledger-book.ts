import type { Knex } from "knex";
import type { Word } from "./quota-word.ts";
import { GRANT_SOURCE } from "./quota-word.ts";

/** What clients were told, kept outside of the database, and whether the database keeps to it. */
export type LedgerBook = {
	note(word: Word): void;
	readonly counts: Readonly<Record<string, number>>;
	/** Errors up to this moment (Unix ms). */
	errorsUntil(atMs: number): readonly string[];
	audit(db: Knex): Promise<Audit>;
};

export type Audit = {
	/** Somebody was told so, and it is not so. */
	readonly lost: readonly string[];
	/** What may happen once was told to two. */
	readonly double: readonly string[];
};

type Row = {
	readonly state: string;
	readonly amount: number;
	readonly charged: number;
	readonly overrun: number;
};
type Facts = {
	readonly rows: ReadonlyMap<string, Row>;
	readonly grants: ReadonlySet<string>;
	readonly refunds: ReadonlySet<string>;
};

export function createBook(): LedgerBook {
	const words: Exclude<Word, { about: "error" }>[] = [];
	const errors: { readonly text: string; readonly atMs: number }[] = [];
	const counts: Record<string, number> = {};
	return {
		note(word) {
			if (word.about === "error") errors.push(word);
			else {
				words.push(word);
				const name = toName(word);
				counts[name] = (counts[name] ?? 0) + 1;
			}
		},
		counts,
		errorsUntil: (atMs) => errors.filter((error) => error.atMs <= atMs).map(({ text }) => text),
		async audit(db) {
			const facts = await readFacts(db);
			const lost = words.filter((word) => !isTrue(word, facts)).map((word) => JSON.stringify(word));
			return { lost, double: findDouble(words) };
		},
	};
}

function toName(word: Exclude<Word, { about: "error" }>): string {
	if (word.about === "reserve" || word.about === "settle") return word.outcome.kind;
	return `${word.about} ${word.kind}`;
}

function isTrue(word: Exclude<Word, { about: "error" }>, { rows, grants, refunds }: Facts): boolean {
	if (word.about === "grant") return grants.has(word.externalId);
	if (word.about === "refund") return word.kind === "nothing" || refunds.has(word.id);
	const row = rows.get(word.id);
	if (word.about === "reserve") {
		return word.outcome.kind === "insufficient" || row?.amount === word.outcome.amountMicro;
	}
	const { outcome, actualMicro } = word;
	// Whoever found no reservation may have come before it was made.
	if (outcome.kind === "unknown") return true;
	// Who comes with something after the expiry is charged still.
	if (outcome.kind === "already" && outcome.state === "expired")
		return row !== undefined && actualMicro === 0;
	const state = outcome.kind === "already" ? outcome.state : actualMicro === 0 ? "voided" : "posted";
	const isWhole = outcome.kind === "already" || outcome.chargedMicro + outcome.overrunMicro === actualMicro;
	return (
		isWhole &&
		row?.state === state &&
		row.charged === outcome.chargedMicro &&
		row.overrun === outcome.overrunMicro
	);
}

/** Of one call one is told that it holds, one that it is settled and one that it is given back; of one grant one. */
function findDouble(words: readonly Exclude<Word, { about: "error" }>[]): readonly string[] {
	const ONCE = new Set(["reserved", "settled", "refund refunded", "grant granted"]);
	const seen = new Set<string>();
	const double: string[] = [];
	for (const word of words) {
		const name = toName(word);
		if (!ONCE.has(name)) continue;
		const key = `${name} ${word.about === "grant" ? word.externalId : word.id}`;
		if (seen.has(key)) double.push(key);
		seen.add(key);
	}
	return double;
}

async function readFacts(db: Knex): Promise<Facts> {
	const reservations = await db.raw<{
		rows: { id: string; state: string; amount: string; charged: string; overrun: string }[];
	}>(
		"select id, state, amount_micro as amount, charged_micro as charged, overrun_micro as overrun from ledger_reservations",
	);
	const buckets = await db.raw<{ rows: { source: string; external_id: string }[] }>(
		"select source, external_id from ledger_buckets where source is not null",
	);
	const namesOf = (source: string): ReadonlySet<string> =>
		new Set(buckets.rows.filter((row) => row.source === source).map((row) => row.external_id));
	return {
		rows: new Map(
			reservations.rows.map(({ id, state, amount, charged, overrun }) => [
				id,
				{ state, amount: Number(amount), charged: Number(charged), overrun: Number(overrun) },
			]),
		),
		grants: namesOf(GRANT_SOURCE),
		refunds: namesOf("ledger:refund"),
	};
}
