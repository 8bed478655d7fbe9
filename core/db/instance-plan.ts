import type { Knex } from "knex";
import type { InstanceKind } from "../accounts/account.ts";

/** What kind of instance the account's plan has; undefined: it has no plan that lives. */
export async function findInstanceKind(db: Knex, accountId: string): Promise<InstanceKind | undefined> {
	const { rows } = await db.raw<{ rows: { readonly instance_kind: InstanceKind }[] }>(
		`select p.instance_kind from subscriptions s join plans p on p.id = s.plan_id
		where s.account_id = ? and s.state = 'active' and (s.ends_at is null or s.ends_at > now())`,
		[accountId],
	);
	return rows[0]?.instance_kind;
}
