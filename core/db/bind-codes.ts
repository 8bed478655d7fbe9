import type { Knex } from "knex";

export type StoredCode = {
	readonly id: string;
	readonly purpose: "plan" | "link";
	readonly planId: string | undefined;
	readonly planMonths: number | undefined;
	readonly dailyTokens: number | undefined;
	/** link: the account to join. */
	readonly accountId: string | undefined;
	/** Neither used, revoked nor expired at the time of reading. */
	readonly live: boolean;
	/** The turn that used it. */
	readonly usedIn: string | undefined;
};

const SELECT_CODE = `select id, purpose, plan_id, plan_months, daily_tokens, account_id, used_in,
		used_at is null and revoked_at is null and expires_at > clock_timestamp() as live
	from bind_codes`;

export type NewCode = {
	readonly hash: Buffer;
	readonly linkHash: Buffer;
	readonly purpose: "plan" | "link";
	readonly planId?: string;
	readonly planMonths?: number | undefined;
	readonly dailyTokens?: number | undefined;
	readonly accountId?: string;
	readonly issuedByAccountId: string;
	readonly validityMs: number;
};

/** @returns when it ends, by the database's clock. */
export async function insertCode(trx: Knex, code: NewCode): Promise<Date> {
	const { rows } = await trx.raw<{ rows: { expires_at: Date }[] }>(
		`insert into bind_codes (hash, link_hash, purpose, plan_id, plan_months, daily_tokens, account_id,
			issued_by_account_id, expires_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, clock_timestamp() + make_interval(secs => ?::double precision / 1000))
		returning expires_at`,
		[
			code.hash,
			code.linkHash,
			code.purpose,
			code.planId ?? null,
			code.planMonths ?? null,
			code.dailyTokens ?? null,
			code.accountId ?? null,
			code.issuedByAccountId,
			code.validityMs,
		],
	);
	const [row] = rows;
	if (row === undefined) throw new Error("an insert without conflict clause returns its row");
	return row.expires_at;
}

/** Makes the issuer's oldest live codes of a purpose worthless until at most `keep` are left. */
export async function revokeOldestCodes(
	trx: Knex,
	issuedByAccountId: string,
	purpose: "plan" | "link",
	keep: number,
): Promise<void> {
	await trx.raw(
		`update bind_codes set revoked_at = now() where id in (
			select id from bind_codes where issued_by_account_id = ? and purpose = ?
				and used_at is null and revoked_at is null and expires_at > now()
			order by id desc offset ?)`,
		[issuedByAccountId, purpose, keep],
	);
}

/** By either form, without a lock. */
export async function findCode(db: Knex, hash: Buffer): Promise<StoredCode | undefined> {
	const { rows } = await db.raw<{ rows: CodeRow[] }>(
		`${SELECT_CODE} where hash = :hash or link_hash = :hash`,
		{
			hash,
		},
	);
	return rows[0] === undefined ? undefined : toCode(rows[0]);
}

/** For whoever has shown the code itself before. */
export async function findCodeById(db: Knex, id: string): Promise<StoredCode | undefined> {
	const { rows } = await db.raw<{ rows: CodeRow[] }>(`${SELECT_CODE} where id = ?`, [id]);
	return rows[0] === undefined ? undefined : toCode(rows[0]);
}

/** Uses the code up. False: somebody else did first, or its time is over. */
export async function consumeCode(trx: Knex, id: string, usedIn: string): Promise<boolean> {
	const { rows } = await trx.raw<{ rows: unknown[] }>(
		`update bind_codes set used_at = clock_timestamp(), used_in = ?
		where id = ? and used_at is null and revoked_at is null and expires_at > clock_timestamp() returning 1`,
		[usedIn, id],
	);
	return rows.length > 0;
}

export async function setCodeUser(trx: Knex, id: string, accountId: string): Promise<void> {
	await trx.raw("update bind_codes set used_by_account_id = ? where id = ?", [accountId, id]);
}

export async function revokeCode(db: Knex, hash: Buffer): Promise<void> {
	await db.raw(
		`update bind_codes set revoked_at = clock_timestamp()
		where (hash = :hash or link_hash = :hash) and used_at is null and revoked_at is null`,
		{ hash },
	);
}

type CodeRow = {
	id: string;
	purpose: "plan" | "link";
	plan_id: string | null;
	plan_months: number | null;
	daily_tokens: string | null;
	account_id: string | null;
	used_in: string | null;
	live: boolean;
};

function toCode(row: CodeRow): StoredCode {
	return {
		id: row.id,
		purpose: row.purpose,
		planId: row.plan_id ?? undefined,
		planMonths: row.plan_months ?? undefined,
		dailyTokens: row.daily_tokens === null ? undefined : Number(row.daily_tokens),
		accountId: row.account_id ?? undefined,
		live: row.live,
		usedIn: row.used_in ?? undefined,
	};
}
