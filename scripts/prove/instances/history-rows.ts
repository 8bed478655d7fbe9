import type { Knex } from "knex";
import type { Cell } from "../../../core/instances/cell.ts";

/** What is kept of one instance. */
export type HistoryRow = {
	readonly id: string;
	readonly desired: "running" | "stopped" | "deleted";
	readonly phase: string;
	readonly generation: number;
	readonly why: string | null;
};

/** @returns their ids */
export async function insertInstances(
	db: Knex,
	made: {
		readonly host: string;
		readonly count: number;
		/** Milliseconds since 1970. */
		readonly nowMs: number;
		readonly deployMs: number;
	},
): Promise<readonly string[]> {
	const { host, count, nowMs, deployMs } = made;
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		`insert into instances (id, name, kind, region, host, release, cpu_millis, memory_bytes, processes_max, next_at, deploy_until)
		select md5(?::text || n)::uuid, 'agent-' || n, 'openclaw', 'here', ?, 'fake', 1000, 1000000, 64,
			to_timestamp(?::double precision / 1000), to_timestamp(?::double precision / 1000)
		from generate_series(1, ?::int) n returning id`,
		[host, host, nowMs, nowMs + deployMs, count],
	);
	return rows.map(({ id }) => id);
}

export async function readRows(db: Knex, host: string): Promise<readonly HistoryRow[]> {
	const { rows } = await db.raw<{ rows: HistoryRow[] }>(
		"select id, desired, phase, generation::int, watch ->> 'why' as why from instances where host = ? order by id",
		[host],
	);
	return rows;
}

/** When one of them is due next, or is nobody's any more. */
export async function findNextMs(db: Knex, ids: readonly string[]): Promise<number | undefined> {
	const { rows } = await db.raw<{ rows: { next_ms: string | null }[] }>(
		`select extract(epoch from min(greatest(next_at, lease_until))) * 1000 as next_ms
		from instances where id = any (?::uuid[]) and isfinite(next_at)`,
		[ids as string[]],
	);
	const nextMs = rows[0]?.next_ms;
	return nextMs === null || nextMs === undefined ? undefined : Math.ceil(Number(nextMs));
}

/** It is what is wanted of it, and nothing else of it is there. */
export function isSettled({ id, desired, phase, generation }: HistoryRow, cells: readonly Cell[]): boolean {
	const own = cells.filter(({ instanceId }) => instanceId === id);
	if (desired === "deleted") return own.length === 0 && (phase === "gone" || phase === "purged");
	if (desired === "stopped") return phase === "stopped" && own.every(({ state }) => state !== "running");
	const [cell] = own;
	return phase === "ready" && own.length === 1 && cell?.state === "running" && cell.generation === generation;
}
