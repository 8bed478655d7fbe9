import type { Knex } from "knex";
import type { PresetName } from "../gateway/key-grant.ts";
import type { Policy } from "../models/model-call.ts";
import type { Language } from "../pipeline/message.ts";

export async function insertAccount(
	trx: Knex,
	account: { readonly language: Language; readonly status: "active" | "banned" },
): Promise<string> {
	const { rows } = await trx.raw<{ rows: { id: string }[] }>(
		"insert into accounts (language, status) values (?, ?) returning id",
		[account.language, account.status],
	);
	const [row] = rows;
	if (row === undefined) throw new Error("an insert without conflict clause returns its row");
	return row.id;
}

export async function setLanguage(db: Knex, accountId: string, language: Language): Promise<void> {
	await db.raw("update accounts set language = ? where id = ?", [language, accountId]);
}

export async function setPolicy(db: Knex, accountId: string, policy: Policy): Promise<void> {
	await db.raw("update accounts set policy = ? where id = ?", [policy, accountId]);
}

/**
 * What opus, sonnet and haiku are for programs of the account; undefined: the provider table's own sizes. False when the
 * account is deleted or unknown.
 */
export async function setModelPreset(
	db: Knex,
	accountId: string,
	preset: PresetName | undefined,
): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		"update accounts set model_preset = ? where id = ? and status <> 'deleted' returning 1",
		[preset ?? null, accountId],
	);
	return rows.length > 0;
}

/** The first time counts. */
export async function markOnboarded(db: Knex, accountId: string): Promise<void> {
	await db.raw("update accounts set onboarded_at = coalesce(onboarded_at, now()) where id = ?", [accountId]);
}

/** False when the account is deleted or unknown. */
export async function setBanned(db: Knex, accountId: string, banned: boolean): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		"update accounts set status = ? where id = ? and status <> 'deleted' returning 1",
		[banned ? "banned" : "active", accountId],
	);
	return rows.length > 0;
}

/** True once something was said or set up in the account: what closing it would lose. */
export async function hasBelongings(db: Knex, accountId: string): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`select 1 where exists (select 1 from accounts where id = :accountId and onboarded_at is not null)
			or exists (select 1 from conversation_messages where account_id = :accountId)
			or exists (select 1 from agent_configs where account_id = :accountId)
			or exists (select 1 from api_keys where account_id = :accountId and revoked_at is null)`,
		{ accountId },
	);
	return rows.length > 0;
}

/** Language and zone of an account. */
export async function findHabits(
	db: Knex,
	accountId: string,
): Promise<{ readonly language: Language; readonly zone: string } | undefined> {
	const { rows } = await db.raw<{ rows: { language: Language; zone: string }[] }>(
		"select a.language, l.zone from accounts a join ledger_accounts l on l.account_id = a.id where a.id = ?",
		[accountId],
	);
	return rows[0];
}
