import type { Knex } from "knex";
import type { InstanceState } from "../instances/instance.ts";

/** An instance as its owner and the house see it. */
export type InstanceView = Pick<InstanceState, "id" | "desired" | "phase" | "generation"> & {
	readonly accountId: string | undefined;
	readonly slot: number;
	readonly name: string;
	readonly region: string;
	/** Which runtime has it: for us alone, never told. */
	readonly host: string;
	/** Grows with everything that is wanted of it. */
	readonly wish: string;
	/** Why it is not as it should be, where it is not. */
	readonly why: string | undefined;
	readonly createdAt: Date;
	/** Until then it must be ready, while it is being deployed. */
	readonly deployUntil: Date | undefined;
	/** Stopped by us because nobody talked to it; the next message starts it. */
	readonly isAsleep: boolean;
};

export type NewInstance = {
	readonly accountId: string;
	readonly slot: number;
	readonly name: string;
	readonly kind: string;
	readonly region: string;
	readonly host: string;
	readonly release: string;
	readonly limits: {
		readonly cpuMillis: number;
		readonly memoryBytes: number;
		readonly processesMax: number;
	};
	readonly deployMs: number;
	/** Of an account, in an hour. */
	readonly hourlyMax: number;
	/** Of the house. */
	readonly liveMax: number;
};

/** there: the slot has one already, this one. */
export type CreateOutcome =
	| { readonly kind: "made" | "there"; readonly instanceId: string }
	| { readonly kind: "rate"; readonly retryAfterMs: number }
	| { readonly kind: "full" };

/** Makes an instance to be deployed, unless its slot has one. However often it is asked at once, one is made. */
export async function insertInstance(db: Knex, made: NewInstance): Promise<CreateOutcome> {
	const { accountId, slot, name, kind, region, host, release, limits, deployMs, hourlyMax, liveMax } = made;
	const { rows } = await db.raw<{ rows: CreateRow[] }>(
		"select * from instance_create(?, ?::smallint, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		[
			...[accountId, slot, name, kind, region, host, release],
			...[limits.cpuMillis, limits.memoryBytes, limits.processesMax, deployMs, hourlyMax, liveMax],
		],
	);
	const row = rows[0];
	if (row?.kind === "rate") return { kind: "rate", retryAfterMs: Number(row.retry_after_ms) };
	if (row?.kind === "full") return { kind: "full" };
	if (row === undefined || row.id === null) throw new Error("an instance was neither made nor refused");
	return { kind: row.kind, instanceId: row.id };
}

/** Newest first, without those that are gone. */
export async function listInstances(db: Knex, accountId: string): Promise<readonly InstanceView[]> {
	const { rows } = await db.raw<{ rows: ViewRow[] }>(
		`select ${VIEW} from instances where account_id = ? and (desired <> 'deleted' or phase not in ('gone', 'purged'))
		order by created_at desc, id`,
		[accountId],
	);
	return rows.map(toView);
}

/** Of this account; undefined: it has none like that. */
export async function findInstance(
	db: Knex,
	{ accountId, instanceId }: { readonly accountId: string; readonly instanceId: string },
): Promise<InstanceView | undefined> {
	const { rows } = await db.raw<{ rows: ViewRow[] }>(
		`select ${VIEW} from instances where id = ?::uuid and account_id = ?`,
		[instanceId, accountId],
	);
	const row = rows[0];
	return row === undefined ? undefined : toView(row);
}

/** What happened to it, the last first. `beforeId`: to go on where the last page ended. */
export async function listInstanceEvents(
	db: Knex,
	page: { readonly instanceId: string; readonly limit: number; readonly beforeId?: string | undefined },
): Promise<readonly InstanceEvent[]> {
	const { instanceId, limit, beforeId } = page;
	const { rows } = await db.raw<{ rows: (Omit<InstanceEvent, "why"> & { readonly why: string | null })[] }>(
		`select id, at, kind, why from instance_events
		where instance_id = ?::uuid and (?::bigint is null or id < ?::bigint) order by id desc limit ?`,
		[instanceId, beforeId ?? null, beforeId ?? null, limit] as Knex.RawBinding[],
	);
	return rows.map(({ why, ...row }) => ({ ...row, why: why ?? undefined }));
}

export type InstanceEvent = {
	readonly id: string;
	readonly at: Date;
	readonly kind: string;
	readonly why: string | undefined;
};

const VIEW = `id, account_id, slot, name, region, host, wish, desired, phase, generation, watch ->> 'why' as why, created_at, deploy_until, asleep`;

type CreateRow = {
	readonly kind: "made" | "there" | "rate" | "full";
	readonly id: string | null;
	readonly retry_after_ms: string | null;
};

type ViewRow = {
	readonly id: string;
	readonly account_id: string | null;
	readonly slot: number;
	readonly name: string;
	readonly region: string;
	readonly host: string;
	readonly wish: string;
	readonly desired: InstanceState["desired"];
	readonly phase: InstanceState["phase"];
	readonly generation: string;
	readonly why: string | null;
	readonly created_at: Date;
	readonly deploy_until: Date | null;
	readonly asleep: boolean;
};

function toView(row: ViewRow): InstanceView {
	return {
		id: row.id,
		accountId: row.account_id ?? undefined,
		slot: row.slot,
		name: row.name,
		region: row.region,
		host: row.host,
		wish: row.wish,
		desired: row.desired,
		phase: row.phase,
		generation: Number(row.generation),
		why: row.why ?? undefined,
		createdAt: row.created_at,
		deployUntil: row.deploy_until ?? undefined,
		isAsleep: row.asleep,
	};
}
