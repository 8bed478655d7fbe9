import type { Knex } from "knex";
import type { Language } from "../pipeline/message.ts";

/** Whose an instance is, as far as it shows in the instance. */
export type InstanceOwner = {
	/** Undefined: nobody's yet. */
	readonly accountId: string | undefined;
	readonly language: Language;
	/** IANA name. */
	readonly zone: string;
	/** What its plan lets the instance do unasked, in minutes between; undefined: nothing. */
	readonly heartbeatMinutes: number | undefined;
};

/** Undefined: there is no such instance. */
export async function findInstanceOwner(db: Knex, instanceId: string): Promise<InstanceOwner | undefined> {
	const { rows } = await db.raw<{
		rows: {
			readonly account_id: string | null;
			readonly language: Language | null;
			readonly zone: string | null;
			readonly heartbeat: number | null;
		}[];
	}>(
		`select i.account_id, a.language, coalesce(l.zone_next, l.zone) as zone,
			p.instance_heartbeat_minutes as heartbeat
		from instances i left join accounts a on a.id = i.account_id left join ledger_accounts l on l.account_id = i.account_id
		left join subscriptions s on s.account_id = i.account_id and s.state = 'active'
		left join plans p on p.id = s.plan_id
		where i.id = ?::uuid`,
		[instanceId],
	);
	const row = rows[0];
	return row === undefined
		? undefined
		: {
				accountId: row.account_id ?? undefined,
				language: row.language ?? "en",
				zone: row.zone ?? "UTC",
				heartbeatMinutes: row.heartbeat ?? undefined,
			};
}
