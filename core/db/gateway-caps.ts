import type { Knex } from "knex";

export type KeyHoldRequest = {
	/** The reservation's id. */
	readonly holdId: string;
	readonly keyId: string;
	readonly minimumMicro: number;
	readonly wantedMicro: number;
	/** Nobody asked for the call (heartbeat, cron). */
	readonly isIdle: boolean;
	readonly ttlMs: number;
};

/** daily, idle: that cap has not enough left, before `resetsAt`. gone: no such live key. */
export type KeyHoldOutcome =
	| { readonly kind: "held"; readonly amountMicro: number }
	| { readonly kind: "daily" | "idle"; readonly resetsAt: Date }
	| { readonly kind: "gone" };

/** Many holds in one statement; an id that holds already holds nothing more. Answers in the order asked. */
export async function holdKeyCaps(
	db: Knex,
	requests: readonly KeyHoldRequest[],
): Promise<readonly KeyHoldOutcome[]> {
	const { rows } = await db.raw<{ rows: HoldRow[] }>(
		`select kind, amount, resets_at
		from key_caps_hold(?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::boolean[], ?::bigint[]) order by place`,
		[
			requests.map(({ holdId }) => holdId),
			requests.map(({ keyId }) => keyId),
			requests.map(({ minimumMicro }) => minimumMicro),
			requests.map(({ wantedMicro }) => wantedMicro),
			requests.map(({ isIdle }) => isIdle),
			requests.map(({ ttlMs }) => ttlMs),
		],
	);
	return rows.map(toOutcome);
}

type HoldRow = {
	readonly kind: "held" | "daily" | "idle" | "gone";
	readonly amount: string | null;
	readonly resets_at: Date | null;
};

function toOutcome({ kind, amount, resets_at: resetsAt }: HoldRow): KeyHoldOutcome {
	if (kind === "held") return { kind, amountMicro: Number(amount) };
	if (kind === "gone" || resetsAt === null) return { kind: "gone" };
	return { kind, resetsAt };
}

/** Ends holds with what their calls came to; how many there were. Once: a second time changes nothing. */
export async function settleKeyCaps(
	trx: Knex,
	settlements: readonly { readonly holdId: string; readonly chargedMicro: number }[],
): Promise<number> {
	const { rows } = await trx.raw<{ rows: { settled: number }[] }>(
		"select key_caps_settle(?::uuid[], ?::bigint[]) as settled",
		[settlements.map(({ holdId }) => holdId), settlements.map(({ chargedMicro }) => chargedMicro)],
	);
	return rows[0]?.settled ?? 0;
}

/** Moves the expiry of holds to now + ttlMs. */
export async function extendKeyCaps(db: Knex, holdIds: readonly string[], ttlMs: number): Promise<void> {
	await db.raw("select key_caps_extend(?::uuid[], ?::bigint)", [holdIds as string[], ttlMs]);
}

/** A hold that expired this long ago has no call that could still be settled (source: a call takes at most 600 s). */
const KEPT = "1 hour";

/** Forgets up to `limit` holds of calls that never came back; how many. */
export async function deleteLostKeyHolds(db: Knex, limit: number): Promise<number> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`delete from api_key_holds where id = any (array(
			select id from api_key_holds where expires_at < ledger_now() - interval '${KEPT}' limit ? for update skip locked
		)) returning 1`,
		[limit],
	);
	return rows.length;
}
