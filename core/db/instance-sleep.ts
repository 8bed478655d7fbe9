import type { Knex } from "knex";

/**
 * Puts instances to sleep to which nobody has talked for as long as their plan gives them, and those whose account has no plan
 * with one any more. Their data stays. @returns how many
 */
export async function putIdleToSleep(db: Knex): Promise<number> {
	const { rowCount } = await db.raw<{ rowCount: number }>(
		`update instances i set desired = 'stopped', asleep = true, watch = i.watch - 'notBefore', wish = i.wish + 1,
			next_at = clock_timestamp(), changed_at = clock_timestamp()
		from instances o
		left join subscriptions s on s.account_id = o.account_id and s.state = 'active'
			and (s.ends_at is null or s.ends_at > clock_timestamp())
		left join plans p on p.id = s.plan_id and p.instance_kind <> 'none'
		where o.id = i.id and i.account_id is not null and i.desired = 'running' and i.phase in ('ready', 'degraded')
			and i.deploy_until is null
			and i.used_at < clock_timestamp() - interval '1 minute' * case when p.id is null then ? else p.instance_idle_minutes end`,
		[WITHOUT_PLAN_MINUTES],
	);
	return rowCount;
}

/** Somebody may just be renewing it. */
const WITHOUT_PLAN_MINUTES = 60;

/** Somebody talks to them. */
export async function noteInstanceUse(db: Knex, instanceIds: readonly string[]): Promise<void> {
	if (instanceIds.length === 0) return;
	await db.raw("update instances set used_at = clock_timestamp() where id = any (?::uuid[])", [
		instanceIds as string[],
	]);
}
