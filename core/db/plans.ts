import type { Knex } from "knex";
import type { Plan } from "../plans/plan.ts";

/** Plans that are enabled, cheapest first; those without a price in the list (set by the admin) last. */
export async function listPlans(db: Knex): Promise<readonly Plan[]> {
	const { rows } = await db.raw<{ rows: PlanRow[] }>(
		`select id, name, price_cents, daily_tokens, instance_kind, self_service from plans where enabled
		order by price_cents = 0 and id <> 'free', price_cents, id`,
	);
	return rows.map(toPlan);
}

/** Undefined when there is no such plan or it is switched off. */
export async function findPlan(db: Knex, planId: string): Promise<Plan | undefined> {
	const { rows } = await db.raw<{ rows: PlanRow[] }>(
		"select id, name, price_cents, daily_tokens, instance_kind, self_service from plans where id = ? and enabled",
		[planId],
	);
	return rows[0] === undefined ? undefined : toPlan(rows[0]);
}

type PlanRow = {
	id: string;
	name: string;
	price_cents: number;
	daily_tokens: string | null;
	instance_kind: Plan["instanceKind"];
	self_service: boolean;
};

function toPlan(row: PlanRow): Plan {
	return {
		id: row.id,
		name: row.name,
		priceCents: row.price_cents,
		dailyTokens: row.daily_tokens === null ? undefined : Number(row.daily_tokens),
		instanceKind: row.instance_kind,
		selfService: row.self_service,
	};
}
