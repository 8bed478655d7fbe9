import type { Knex } from "knex";
import type { InstanceFigures } from "../instances/monitor/judge.ts";

/** Looks of a quarter of an hour that must be there before their mean says anything: of five minutes, and of one. */
const CPU_LOOKS_MIN = 15;
const MEMORY_LOOKS_MIN = 3;

/** What the judge looks at, of every instance that is to run. */
export async function listInstanceFigures(db: Knex): Promise<readonly InstanceFigures[]> {
	const { rows } = await db.raw<{ rows: Row[] }>(
		`with fine as (
			select s.instance_id,
				avg(s.cpu_millis) filter (where s.at > now() - interval '5 minutes') as cpu,
				count(s.cpu_millis) filter (where s.at > now() - interval '5 minutes') as cpu_looks,
				min(s.memory_bytes) filter (where s.at > now() - interval '1 minute') as memory,
				count(s.memory_bytes) filter (where s.at > now() - interval '1 minute') as memory_looks,
				sum(s.turns) as turns, sum(s.turns_failed) as turns_failed
			from instance_samples s where s.step_s = 15 and s.at > now() - interval '15 minutes' group by s.instance_id
		), coarse as (
			select s.instance_id, regr_slope(s.memory_bytes_max, extract(epoch from s.at)) * 3600 as per_hour,
				regr_r2(s.memory_bytes_max, extract(epoch from s.at)) as fit, count(s.memory_bytes_max) as points
			from instance_samples s where s.step_s = 300 and s.at > now() - interval '3 hours' group by s.instance_id
		)
		select i.id, f.cpu / i.cpu_millis as cpu_share, f.cpu_looks, f.memory::double precision / i.memory_bytes as memory_share,
			f.memory_looks, f.turns, f.turns_failed, c.per_hour / i.memory_bytes as share_per_hour, c.fit, c.points
		from instances i join fine f on f.instance_id = i.id left join coarse c on c.instance_id = i.id
		where i.desired = 'running'`,
	);
	return rows.map(toFigures);
}

type Row = {
	readonly id: string;
	readonly cpu_share: string | null;
	readonly cpu_looks: string;
	readonly memory_share: number | null;
	readonly memory_looks: string;
	readonly turns: string;
	readonly turns_failed: string;
	readonly share_per_hour: number | null;
	readonly fit: number | null;
	readonly points: string | null;
};

function toFigures(row: Row): InstanceFigures {
	const memoryShare = row.memory_share ?? undefined;
	const { share_per_hour: sharePerHour, fit, points } = row;
	return {
		instanceId: row.id,
		cpuShare:
			row.cpu_share !== null && Number(row.cpu_looks) >= CPU_LOOKS_MIN ? Number(row.cpu_share) : undefined,
		memoryShare: Number(row.memory_looks) >= MEMORY_LOOKS_MIN ? memoryShare : undefined,
		turns: Number(row.turns),
		turnsFailed: Number(row.turns_failed),
		slope:
			sharePerHour === null || fit === null || memoryShare === undefined
				? undefined
				: { sharePerHour, fit, points: Number(points), shareNow: memoryShare },
	};
}
