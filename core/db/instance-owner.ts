import type { Knex } from "knex";
import type { Language } from "../pipeline/message.ts";

/** Whose an instance is, as far as it shows in the instance. */
export type InstanceOwner = {
	readonly accountId: string;
	readonly language: Language;
	/** IANA name. */
	readonly zone: string;
};

/** Undefined: it is nobody's yet. */
export async function findInstanceOwner(db: Knex, instanceId: string): Promise<InstanceOwner | undefined> {
	const { rows } = await db.raw<{
		rows: { readonly account_id: string; readonly language: Language; readonly zone: string | null }[];
	}>(
		`select i.account_id, a.language, coalesce(l.zone_next, l.zone) as zone
		from instances i join accounts a on a.id = i.account_id left join ledger_accounts l on l.account_id = i.account_id
		where i.id = ?::uuid`,
		[instanceId],
	);
	const row = rows[0];
	return row === undefined
		? undefined
		: { accountId: row.account_id, language: row.language, zone: row.zone ?? "UTC" };
}
