import type { Knex } from "knex";
import type { Plan } from "../instances/decision.ts";
import type { InstanceState } from "../instances/instance.ts";
import { runPrepared } from "./run-prepared.ts";

/** An instance one node looks at alone until it records what it saw, or its lease ends. */
export type ClaimedInstance = {
	readonly state: Omit<InstanceState, "watch">;
	/** As stored; the reconciler reads it. */
	readonly watch: unknown;
	readonly token: string;
	/** What was wanted when it was claimed. */
	readonly wish: string;
	readonly host: string;
	readonly kind: string;
	readonly release: string;
	readonly port: number | undefined;
	readonly limits: {
		readonly cpuMillis: number;
		readonly memoryBytes: number;
		readonly processesMax: number;
	};
};

export type ClaimRequest = {
	/** UUID of this node. */
	readonly owner: string;
	/** Whose runtimes this node reaches. */
	readonly hosts: readonly string[];
	readonly ttlMs: number;
	readonly limit: number;
	/** Milliseconds since 1970; the database's clock unless a test has one of its own. */
	readonly nowMs?: number | undefined;
};

/** One look that is over. */
export type InstanceLook = Pick<Plan, "phase" | "watch" | "generation" | "notes"> & {
	readonly id: string;
	readonly token: string;
	readonly wish: string;
	readonly configWritten: number;
	readonly isDeployed: boolean;
	/** Infinity: never again. */
	readonly nextAtMs: number;
};

const NOW = "coalesce(to_timestamp(?::double precision / 1000), clock_timestamp())";

const CLAIM = {
	name: "claim_instances",
	sql: `with clock as (
			select ${NOW} as at
		), due as (
			select i.id from instances i, clock
			where i.phase <> 'purged' and i.next_at <= clock.at and i.lease_until <= clock.at and i.host = any (?::text[])
			order by i.next_at limit ? for update of i skip locked
		)
		update instances i
		set lease_owner = ?::uuid, lease_token = i.lease_token + 1, lease_until = clock.at + ? * interval '1 millisecond'
		from due, clock where i.id = due.id
		returning i.id, i.desired, i.phase, i.generation, i.config_version, i.config_written, i.watch, i.lease_token, i.wish,
			i.host, i.kind, i.release, i.port, i.cpu_millis, i.memory_bytes, i.processes_max,
			extract(epoch from i.deploy_until) * 1000 as deploy_until_ms, extract(epoch from i.purge_at) * 1000 as purge_at_ms`,
};
const RECORD = { name: "record_instances", sql: `select * from instances_record(?::jsonb, ${NOW}) as id` };

/** Takes instances that are due, and whose last look is over or was given up. */
export async function claimInstances(db: Knex, request: ClaimRequest): Promise<readonly ClaimedInstance[]> {
	const { owner, hosts, ttlMs, limit, nowMs } = request;
	const bindings = [nowMs ?? null, hosts as string[], limit, owner, ttlMs] as Knex.RawBinding[];
	const rows = await runPrepared<InstanceRow>(db, CLAIM, bindings);
	return rows.map(toClaimed);
}

/** @returns the ids whose look counted; the others were lost to another node, or somebody wanted something else meanwhile */
export async function recordLooks(
	db: Knex,
	looks: readonly InstanceLook[],
	nowMs?: number,
): Promise<ReadonlySet<string>> {
	if (looks.length === 0) return new Set();
	// JSON has no Infinity.
	const json = JSON.stringify(looks, (_, value: unknown) =>
		value === Number.POSITIVE_INFINITY ? null : value,
	);
	const rows = await runPrepared<{ id: string }>(db, RECORD, [json, nowMs ?? null] as Knex.RawBinding[]);
	return new Set(rows.map(({ id }) => id));
}

/** Those of a host that run, or are about to. */
export async function listLiveInstances(db: Knex, host: string): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		"select id from instances where host = ? and phase in ('starting', 'ready', 'degraded', 'crashloop') order by id",
		[host],
	);
	return rows.map(({ id }) => id);
}

/** Those of these instances that there are, and of which something may be left. */
export async function listKnownInstances(db: Knex, ids: readonly string[]): Promise<ReadonlySet<string>> {
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		"select id from instances where id = any (?::uuid[]) and phase <> 'purged'",
		[ids as string[]],
	);
	return new Set(rows.map(({ id }) => id));
}

type InstanceRow = {
	readonly id: string;
	readonly desired: InstanceState["desired"];
	readonly phase: InstanceState["phase"];
	readonly generation: string;
	readonly config_version: string;
	readonly config_written: string;
	readonly watch: unknown;
	readonly lease_token: string;
	readonly wish: string;
	readonly host: string;
	readonly kind: string;
	readonly release: string;
	readonly port: number | null;
	readonly cpu_millis: number;
	readonly memory_bytes: string;
	readonly processes_max: number;
	readonly deploy_until_ms: string | null;
	readonly purge_at_ms: string | null;
};

function toClaimed(row: InstanceRow): ClaimedInstance {
	return {
		state: {
			id: row.id,
			desired: row.desired,
			phase: row.phase,
			generation: Number(row.generation),
			configVersion: Number(row.config_version),
			configWritten: Number(row.config_written),
			deployUntilMs: row.deploy_until_ms === null ? undefined : Number(row.deploy_until_ms),
			purgeAtMs: row.purge_at_ms === null ? undefined : Number(row.purge_at_ms),
		},
		watch: row.watch,
		token: row.lease_token,
		wish: row.wish,
		host: row.host,
		kind: row.kind,
		release: row.release,
		port: row.port ?? undefined,
		limits: {
			cpuMillis: row.cpu_millis,
			memoryBytes: Number(row.memory_bytes),
			processesMax: row.processes_max,
		},
	};
}
