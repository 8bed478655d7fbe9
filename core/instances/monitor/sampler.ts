import Bottleneck from "bottleneck";
import type { Knex } from "knex";
import type { InstanceSample, SampledInstance } from "../../db/instance-samples.ts";
import { addTurnCounts, claimSampling, insertSamples, listSampled } from "../../db/instance-samples.ts";
import { noteInstanceUse } from "../../db/instance-sleep.ts";
import { toCellName } from "../cell.ts";
import type { Runtime } from "../runtime.ts";
import { within } from "../within.ts";
import type { TurnCounts } from "./turn-counts.ts";

export type SamplerDeps = {
	readonly db: Knex;
	/** By host: those this node reaches. */
	readonly runtimes: ReadonlyMap<string, Pick<Runtime, "use">>;
	readonly counts: Pick<TurnCounts, "take">;
};

/** How often it is asked whether it is time; a sample is taken every 15 s. */
export const SAMPLER_EVERY_MS = 5_000;
const INSTANCES_MAX = 2_000;
/** Runtimes asked at a time, and how long one may take. */
const ASKED_MAX = 16;
const USE_MS_MAX = 3_000;

/**
 * Notes what instances use. Hosts are looked at by one node at a time, each 15 s; what a node counted itself is added by itself.
 * What cannot be asked is noted as not running, and as not well.
 */
export function createSampler({ db, runtimes, counts }: SamplerDeps): () => Promise<void> {
	const limiter = new Bottleneck({ maxConcurrent: ASKED_MAX });

	async function sample({ instanceId, generation, host, isReady }: SampledInstance): Promise<InstanceSample> {
		const runtime = runtimes.get(host);
		const asking = runtime?.use(toCellName(instanceId, generation));
		const use = await (asking === undefined ? undefined : within(asking, USE_MS_MAX).catch(() => undefined));
		return {
			...{ instanceId, isReady: isReady && use !== undefined },
			...{ cpuMillis: use?.cpuMillis, memoryBytes: use?.memoryBytes },
		};
	}

	return async () => {
		const counted = counts.take();
		await addTurnCounts(db, counted);
		const used = counted.flatMap(({ instanceId, turns }) => (turns > 0 ? [instanceId] : []));
		await noteInstanceUse(db, used);
		const hosts = await claimSampling(db, [...runtimes.keys()]);
		if (hosts.length === 0) return;
		const instances = await listSampled(db, hosts, INSTANCES_MAX);
		const samples = await Promise.all(
			instances.map(async (instance) => await limiter.schedule(async () => await sample(instance))),
		);
		await insertSamples(db, samples);
	};
}
