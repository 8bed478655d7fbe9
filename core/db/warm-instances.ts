import type { Knex } from "knex";
import type { NewInstance } from "./instance-views.ts";

/** What instances that wait for somebody are like, and how many there are to be. */
export type WarmWish = Pick<
	NewInstance,
	"kind" | "region" | "host" | "release" | "limits" | "deployMs" | "liveMax"
> & {
	readonly size: number;
};

/** Has as many made as are missing, as far as the house has room. @returns how many */
export async function refillWarm(db: Knex, wish: WarmWish): Promise<number> {
	const { size, liveMax, deployMs, kind, region, host, release, limits } = wish;
	const { rows } = await db.raw<{ rows: { made: number }[] }>(
		"select instances_refill(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as made",
		[
			...[size, liveMax, deployMs, kind, region, host, release],
			...[limits.cpuMillis, limits.memoryBytes, limits.processesMax],
		],
	);
	return rows[0]?.made ?? 0;
}

/**
 * Has those of a host deleted that wait and are not what they should be: of another release or size, too old, given up, or more
 * than are wanted. There is nothing of anybody's in them. @returns which
 */
export async function drainWarm(
	db: Knex,
	{ size, host, release, limits, ageMsMax }: WarmWish & { readonly ageMsMax: number },
): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		`update instances set desired = 'deleted', purge_at = clock_timestamp(), deploy_until = null, wish = wish + 1,
			next_at = clock_timestamp(), changed_at = clock_timestamp()
		where id in (
			select id from (
				select i.*, row_number() over (order by i.created_at desc, i.id) as place from instances i
				where i.account_id is null and i.host = :host and i.desired <> 'deleted'
			) waiting
			where place > :size or release <> :release or memory_bytes <> :memoryBytes or cpu_millis <> :cpuMillis
				or processes_max <> :processesMax or created_at < clock_timestamp() - :ageMsMax * interval '1 millisecond'
				or phase in ('failed', 'crashloop')
		) and account_id is null and desired <> 'deleted'
		returning id`,
		{ size, host, release, ageMsMax, ...limits },
	);
	return rows.map(({ id }) => id);
}
