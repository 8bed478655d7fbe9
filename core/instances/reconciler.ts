import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { createBatcher } from "../db/batcher.ts";
import type { ClaimedInstance, InstanceLook } from "../db/instances.ts";
import { claimInstances, recordLooks } from "../db/instances.ts";
import type { Health } from "./cell.ts";
import type { InstanceState } from "./instance.ts";
import { ACT_MS, lookAt } from "./look.ts";
import type { CellAddress, CellFile, CellSpec, Runtime } from "./runtime.ts";
import { NEW_WATCH, watchSchema } from "./watch.ts";
import { within as waitWithin } from "./within.ts";

export type ReconcilerDeps = {
	readonly db: Knex;
	/** By host. Instances of other hosts are left to the nodes that reach them. */
	readonly runtimes: ReadonlyMap<string, Runtime>;
	readonly probe: (address: CellAddress) => Promise<Health>;
	/** What a cell is told besides its files; holds secrets. */
	readonly describe: (
		instance: ClaimedInstance,
	) => Promise<Pick<CellSpec, "environment" | "args" | "mendArgs">>;
	readonly files: (instance: ClaimedInstance) => Promise<readonly CellFile[]>;
	readonly log: { warn(fields: object, message: string): void };
	/** Milliseconds since 1970, for a test with a clock of its own: the database is then told the time. */
	readonly nowMs?: () => number;
	/** -1 to 1. */
	readonly jitter?: () => number;
	readonly within?: <Result>(work: Promise<Result>, ms: number) => Promise<Result>;
};

/** Brings instances to what is wanted of them, one step a look. Any number of nodes may run one. */
export type Reconciler = {
	/** Looks at what is due, at most LOOKS_MAX at a time; resolves with their number once all are recorded. */
	pass(): Promise<number>;
};

/** What a dead node was looking at is looked at again after this. */
export const LEASE_MS = 90_000;
/** An action begins only where it can be over before the lease is. */
const MARGIN_MS = ACT_MS + 10_000;
const LOOKS_MAX = 50;
const RECORDS_MAX = 100;

export function createReconciler(deps: ReconcilerDeps): Reconciler {
	const { db, runtimes } = deps;
	const owner = randomUUID();
	const hosts = [...runtimes.keys()];
	const now = toClock(deps);
	const record = createBatcher<InstanceLook, void>({
		run: async (looks) => {
			await recordLooks(db, looks, deps.nowMs?.());
			return looks.map(() => undefined);
		},
		itemsMax: RECORDS_MAX,
	});

	return {
		async pass() {
			const asked = { owner, hosts, ttlMs: LEASE_MS, limit: LOOKS_MAX, nowMs: deps.nowMs?.() };
			const claimedMs = now();
			const claimed = await claimInstances(db, asked);
			await Promise.all(
				claimed.map(async (instance) => {
					try {
						const look = await lookOnce(deps, instance, claimedMs);
						if (look !== undefined) await record(look);
					} catch (error) {
						// It is looked at again once the lease is over.
						deps.log.warn(
							{ err: error, instanceId: instance.state.id },
							"a look at an instance came to nothing",
						);
					}
				}),
			);
			return claimed.length;
		},
	};
}

/** Undefined: its time was over. */
async function lookOnce(
	deps: ReconcilerDeps,
	instance: ClaimedInstance,
	claimedMs: number,
): Promise<InstanceLook | undefined> {
	const { runtimes, nowMs = Date.now, jitter = toJitter, within = waitWithin } = deps;
	const { host, token, wish, release, port, limits } = instance;
	const runtime = runtimes.get(host);
	if (runtime === undefined) throw new Error(`no runtime for ${host}`);
	const state = toState(deps, instance);
	const { id, generation } = state;
	const now = toClock(deps);
	const result = await lookAt(
		{
			probe: deps.probe,
			moment: () => ({ nowMs: nowMs(), jitter: jitter() }),
			within,
			isOurs: () => now() - claimedMs < LEASE_MS - MARGIN_MS,
		},
		{
			...{ state, runtime, release, files: async () => await deps.files(instance) },
			spec: async () => ({
				...{ instanceId: id, generation, release, limits, port },
				...(await deps.describe(instance)),
			}),
		},
	);
	if (result === undefined) return undefined;
	const { plan, configWritten } = result;
	const { phase, watch, notes, nextAtMs, isDeployed = false } = plan;
	return {
		...{ id, token, wish, phase, watch, notes, nextAtMs, isDeployed, configWritten },
		generation: plan.generation,
	};
}

/** What was remembered and cannot be read is forgotten: everything that counts is seen again. */
function toState({ log }: ReconcilerDeps, { state, watch }: ClaimedInstance): InstanceState {
	const parsed = watchSchema.safeParse(watch);
	if (!parsed.success)
		log.warn({ instanceId: state.id }, "what was remembered of an instance cannot be read");
	return { ...state, watch: parsed.success ? parsed.data : NEW_WATCH };
}

/** Milliseconds that never go back, where no test says otherwise. */
function toClock({ nowMs }: ReconcilerDeps): () => number {
	return nowMs ?? ((): number => performance.now());
}

function toJitter(): number {
	return 2 * Math.random() - 1;
}
