import type { Knex } from "knex";
import type { LeaseWord } from "./lease-word.ts";

type ToldCall = Extract<LeaseWord, { about: "call" }>;

/** What nodes with leases told their callers, and when which of them was killed. */
export type ToldCalls = {
	note(word: LeaseWord, node: number): void;
	/** By Unix ms. A node that is not named here ended by itself. */
	noteKill(node: number, atMs: number): void;
	/** Accounts that were refused since this was asked last. */
	takeRefused(): readonly string[];
	/** Reservations this node said to hold. */
	held(node: number): readonly string[];
	/** The same of all nodes that ended by themselves. */
	heldByTheLiving(): readonly string[];
	/** Between these instants (Unix ms) the database was away: what nodes say then of their trouble is no error. */
	noteOutage(fromMs: number, untilMs: number): void;
	readonly errors: readonly string[];
	readonly counts: { readonly leased: number; readonly own: number; readonly refused: number };
	audit(db: Knex): Promise<CallAudit>;
};

export type CallAudit = {
	/** Calls a killed node told of and whose rows died with it. */
	readonly lostRows: number;
	/** How long before its node's death the oldest of them was told. */
	readonly lostRowMsMax: number;
	/** Rows that are missing though their node was not killed, or that were not to be charged to a lease. */
	readonly missing: readonly string[];
	/** Rows that say something else than the caller was told. */
	readonly wrong: readonly string[];
	/** Accounts whose callers were told of more than was ever granted. */
	readonly overspent: readonly string[];
};

export function createToldCalls(): ToldCalls {
	const calls: { readonly call: ToldCall; readonly node: number }[] = [];
	const held = new Map<number, string[]>();
	const killedMs = new Map<number, number>();
	const troubles: { readonly text: string; readonly atMs: number }[] = [];
	const outages: { readonly fromMs: number; readonly untilMs: number }[] = [];
	const refused = new Set<string>();
	const counts = { leased: 0, own: 0, refused: 0 };

	function note(word: LeaseWord, node: number): void {
		if (word.about === "held") held.set(node, [...(held.get(node) ?? []), word.id]);
		else if (word.about === "error") troubles.push(word);
		else if (word.about === "refused") {
			refused.add(word.accountId);
			counts.refused += 1;
		} else {
			calls.push({ call: word, node });
			counts[word.isLeased ? "leased" : "own"] += 1;
		}
	}

	async function audit(db: Knex): Promise<CallAudit> {
		const rows = await readCharges(db);
		const missing: string[] = [];
		const wrong: string[] = [];
		const lostMs: number[] = [];
		for (const { call, node } of calls) {
			const charged = rows.get(call.id);
			const deathMs = killedMs.get(node);
			if (charged !== undefined && charged !== call.chargedMicro)
				wrong.push(JSON.stringify({ ...call, charged }));
			if (charged !== undefined) continue;
			if (deathMs !== undefined && call.isLeased) lostMs.push(deathMs - call.atMs);
			else missing.push(JSON.stringify(call));
		}
		const lostRowMsMax = lostMs.reduce((max, ms) => Math.max(max, ms), 0);
		const overspent = await findOverspent(
			db,
			calls.map(({ call }) => call),
		);
		return { lostRows: lostMs.length, lostRowMsMax, missing, wrong, overspent };
	}

	return {
		...{ note, counts, audit },
		takeRefused() {
			const taken = [...refused];
			refused.clear();
			return taken;
		},
		noteKill: (node, atMs) => void killedMs.set(node, atMs),
		held: (node) => held.get(node) ?? [],
		heldByTheLiving: () => [...held].flatMap(([node, ids]) => (killedMs.has(node) ? [] : ids)),
		noteOutage: (fromMs, untilMs) => void outages.push({ fromMs, untilMs }),
		get errors() {
			const isExcused = (atMs: number): boolean =>
				outages.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs <= untilMs);
			return troubles.filter(({ atMs }) => !isExcused(atMs)).map(({ text }) => text);
		},
	};
}

async function readCharges(db: Knex): Promise<ReadonlyMap<string, number>> {
	const { rows } = await db.raw<{ rows: { id: string; charged: string }[] }>(
		"select reservation_id as id, charged_micro as charged from usage_log",
	);
	return new Map(rows.map(({ id, charged }) => [id, Number(charged)]));
}

async function findOverspent(db: Knex, calls: readonly ToldCall[]): Promise<readonly string[]> {
	const told = new Map<string, number>();
	for (const { accountId, chargedMicro } of calls)
		told.set(accountId, (told.get(accountId) ?? 0) + chargedMicro);
	const { rows } = await db.raw<{ rows: { id: string; granted: string }[] }>(
		"select account_id as id, sum(granted_micro) as granted from ledger_buckets group by account_id",
	);
	const granted = new Map(rows.map(({ id, granted }) => [id, Number(granted)]));
	return [...told].filter(([id, micro]) => micro > (granted.get(id) ?? 0)).map(([id]) => id);
}

/** Of all reservations that ended, those that were charged another sum than their calls' rows add up to. */
export async function countMismatched(db: Knex): Promise<number> {
	return await count(
		db,
		`with said as (
			select coalesce(lease_id, reservation_id) as id, sum(charged_micro) as micro from usage_log group by 1
		)
		select count(*)::integer as count from ledger_reservations r full join said s on s.id = r.id
		where coalesce(s.micro, 0) <> coalesce(r.charged_micro, 0) + coalesce(r.overrun_micro, 0)`,
	);
}

/** Leases whose holder died: the sweep charged them what their rows say. */
export async function countSweptLeases(db: Knex): Promise<number> {
	return await count(
		db,
		`select count(*)::integer as count from ledger_reservations r
		where state = 'posted' and resolved_at > expires_at and exists (select from usage_log u where u.lease_id = r.id)`,
	);
}

/** What nodes that ended by themselves held and did not settle. */
export async function countLeftBehind(db: Knex, told: ToldCalls): Promise<number> {
	return await count(
		db,
		"select count(*)::integer as count from ledger_reservations where state = 'pending' and id = any (?::uuid[])",
		[`{${told.heldByTheLiving().join(",")}}`],
	);
}

/** Reservations that were charged more than they held: no call of the proof costs more than it asked for. */
export async function countOverdrawn(db: Knex): Promise<number> {
	return await count(
		db,
		"select count(*)::integer as count from ledger_reservations where charged_micro > amount_micro",
	);
}

async function count(db: Knex, sql: string, bindings: readonly string[] = []): Promise<number> {
	const { rows } = await db.raw<{ rows: { count: number }[] }>(sql, [...bindings]);
	return rows[0]?.count ?? Number.NaN;
}
