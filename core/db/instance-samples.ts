import type { Knex } from "knex";

/** Seconds one row of the series stands for. */
export type SampleStep = 15 | 300 | 3_600;

/** An instance that may be looked at. */
export type SampledInstance = {
	readonly instanceId: string;
	readonly generation: number;
	readonly host: string;
	readonly isReady: boolean;
};

/** One look. Undefined figures: it does not run. */
export type InstanceSample = {
	readonly instanceId: string;
	readonly isReady: boolean;
	readonly cpuMillis: number | undefined;
	readonly memoryBytes: number | undefined;
};

/** What went through one instance since it was asked last. */
export type TurnCount = {
	readonly instanceId: string;
	readonly turns: number;
	readonly turnsFailed: number;
	/** Threads that talked within the last minutes. */
	readonly sessions: number;
};

/** One point of the series. */
export type SamplePoint = {
	readonly at: Date;
	readonly cpuMillis: number | undefined;
	readonly cpuMillisMax: number | undefined;
	readonly memoryBytes: number | undefined;
	readonly memoryBytesMax: number | undefined;
	/** 0..1, of the looks; undefined: there was none. */
	readonly readyShare: number | undefined;
	readonly turns: number;
	readonly turnsFailed: number;
	readonly sessions: number;
};

/** Of those that were looked at every 15 s; the others keep longer. */
const KEPT: Readonly<Record<SampleStep, string>> = { 15: "6 hours", 300: "14 days", 3600: "400 days" };
/** What comes later than this is left out of what is gathered. */
const LATE = "1 minute";
const DELETED_MAX = 50_000;
const AT = "date_bin('15 seconds', clock_timestamp(), 'epoch')";

/** Hosts nobody has looked at since this moment of the series began; they are the caller's to look at now. */
export async function claimSampling(db: Knex, hosts: readonly string[]): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { host: string }[] }>(
		`update instance_hosts set sampled_at = ${AT} where host = any (?::text[]) and sampled_at < ${AT} returning host`,
		[hosts as string[]],
	);
	return rows.map(({ host }) => host);
}

/** Those of these hosts that are to run, or run. */
export async function listSampled(
	db: Knex,
	hosts: readonly string[],
	limit: number,
): Promise<readonly SampledInstance[]> {
	const { rows } = await db.raw<{ rows: { id: string; generation: string; host: string; phase: string }[] }>(
		`select id, generation, host, phase from instances
		where host = any (?::text[]) and phase in ('starting', 'ready', 'degraded', 'crashloop') order by id limit ?`,
		[hosts as string[], limit],
	);
	return rows.map(({ id, generation, host, phase }) => ({
		instanceId: id,
		generation: Number(generation),
		host,
		isReady: phase === "ready",
	}));
}

/** Notes looks of the present moment; what was noted of it before is written over. Instances that went meanwhile are left out. */
export async function insertSamples(db: Knex, samples: readonly InstanceSample[]): Promise<void> {
	if (samples.length === 0) return;
	await db.raw(
		`insert into instance_samples as s (instance_id, step_s, at, looks, ready_looks, cpu_millis, cpu_millis_max,
			memory_bytes, memory_bytes_max)
		select i.id, 15, ${AT}, 1, x."isReady"::integer, x."cpuMillis", x."cpuMillis", x."memoryBytes", x."memoryBytes"
		from jsonb_to_recordset(?::jsonb) x ("instanceId" uuid, "isReady" boolean, "cpuMillis" integer, "memoryBytes" bigint)
		join instances i on i.id = x."instanceId"
		on conflict (instance_id, step_s, at) do update set looks = 1, ready_looks = excluded.ready_looks,
			cpu_millis = excluded.cpu_millis, cpu_millis_max = excluded.cpu_millis_max,
			memory_bytes = excluded.memory_bytes, memory_bytes_max = excluded.memory_bytes_max`,
		[JSON.stringify(samples)],
	);
}

/** Adds what one node counted to the present moment. */
export async function addTurnCounts(db: Knex, counts: readonly TurnCount[]): Promise<void> {
	if (counts.length === 0) return;
	await db.raw(
		`insert into instance_samples as s (instance_id, step_s, at, turns, turns_failed, sessions)
		select i.id, 15, ${AT}, x.turns, x."turnsFailed", x.sessions
		from jsonb_to_recordset(?::jsonb) x ("instanceId" uuid, turns integer, "turnsFailed" integer, sessions integer)
		join instances i on i.id = x."instanceId"
		order by i.id
		on conflict (instance_id, step_s, at) do update set turns = s.turns + excluded.turns,
			turns_failed = s.turns_failed + excluded.turns_failed, sessions = s.sessions + excluded.sessions`,
		[JSON.stringify(counts)],
	);
}

/** Makes coarser rows of finer ones that are complete, and takes away what is older than it is kept. @returns rows taken away */
export async function gatherSamples(db: Knex): Promise<number> {
	await gather(db, 15, 300);
	await gather(db, 300, 3_600);
	let deleted = 0;
	for (const [step, kept] of Object.entries(KEPT)) {
		const { rowCount } = await db.raw<{ rowCount: number }>(
			`delete from instance_samples where ctid = any (array(
				select ctid from instance_samples where step_s = ? and at < clock_timestamp() - ?::interval limit ?))`,
			[Number(step), kept, DELETED_MAX],
		);
		deleted += rowCount;
	}
	return deleted;
}

/** Every coarse row whose time is over and that is not there yet, as far back as the finer ones are kept. */
async function gather(db: Knex, from: SampleStep, to: SampleStep): Promise<void> {
	await db.raw(
		`insert into instance_samples (instance_id, step_s, at, looks, ready_looks, cpu_millis, cpu_millis_max, memory_bytes,
			memory_bytes_max, turns, turns_failed, sessions)
		select instance_id, :to, date_bin(:to * interval '1 second', at, 'epoch') as bin, sum(looks), sum(ready_looks),
			round(avg(cpu_millis)), max(cpu_millis_max), round(avg(memory_bytes)), max(memory_bytes_max), sum(turns),
			sum(turns_failed), max(sessions)
		from instance_samples
		where step_s = :from
			and at >= coalesce((select max(at) + :to * interval '1 second' from instance_samples where step_s = :to), '-infinity')
			and at < date_bin(:to * interval '1 second', clock_timestamp() - :late::interval, 'epoch')
		group by instance_id, bin
		on conflict do nothing`,
		{ from, to, late: LATE },
	);
}

/** The series since an instant, oldest first, at most so many points. */
export async function listSamples(
	db: Knex,
	instanceId: string,
	{ step, since, limit }: { readonly step: SampleStep; readonly since: Date; readonly limit: number },
): Promise<readonly SamplePoint[]> {
	const { rows } = await db.raw<{ rows: PointRow[] }>(
		`select * from (
			select at, looks, ready_looks, cpu_millis, cpu_millis_max, memory_bytes, memory_bytes_max, turns, turns_failed, sessions
			from instance_samples where instance_id = ?::uuid and step_s = ? and at >= ? order by at desc limit ?
		) newest order by at`,
		[instanceId, step, since.toISOString(), limit],
	);
	return rows.map(toPoint);
}

type PointRow = {
	readonly at: Date;
	readonly looks: number;
	readonly ready_looks: number;
	readonly cpu_millis: number | null;
	readonly cpu_millis_max: number | null;
	readonly memory_bytes: string | null;
	readonly memory_bytes_max: string | null;
	readonly turns: number;
	readonly turns_failed: number;
	readonly sessions: number;
};

function toPoint(row: PointRow): SamplePoint {
	return {
		at: row.at,
		cpuMillis: row.cpu_millis ?? undefined,
		cpuMillisMax: row.cpu_millis_max ?? undefined,
		memoryBytes: row.memory_bytes === null ? undefined : Number(row.memory_bytes),
		memoryBytesMax: row.memory_bytes_max === null ? undefined : Number(row.memory_bytes_max),
		readyShare: row.looks === 0 ? undefined : row.ready_looks / row.looks,
		turns: row.turns,
		turnsFailed: row.turns_failed,
		sessions: row.sessions,
	};
}
