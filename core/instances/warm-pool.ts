import type { Knex } from "knex";
import { drainWarm, refillWarm } from "../db/warm-instances.ts";
import type { InstanceHouse } from "./create-instance.ts";
import { LIMITS } from "./create-instance.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceSafe } from "./instance-secrets.ts";

export type WarmPoolDeps = {
	readonly db: Knex;
	readonly house: InstanceHouse;
	/** How many wait at a time. */
	readonly size: number;
	readonly dropSecrets: InstanceSafe["drop"];
	readonly onWish: () => void;
};

export const WARM_EVERY_MS = 10_000;
/** What waits longer is made anew, so that nothing in it is forgotten. */
const AGE_MS_MAX = 86_400_000;

/**
 * Keeps instances that are up and nobody's yet, of the size most plans have: who asks for one has it at once. Any number of nodes
 * may do it; the count is made under one lock.
 */
export function createWarmPool({ db, house, size, dropSecrets, onWish }: WarmPoolDeps): () => Promise<void> {
	const { region, host, kind, release, liveMax } = house;
	const common = {
		size,
		region,
		host,
		kind,
		release,
		liveMax,
		limits: LIMITS.container,
		deployMs: FIGURES.deployMs,
	};
	return async () => {
		const drained = await drainWarm(db, { ...common, ageMsMax: AGE_MS_MAX });
		for (const instanceId of drained) await dropSecrets(instanceId);
		const made = size > 0 ? await refillWarm(db, common) : 0;
		if (drained.length + made > 0) onWish();
	};
}
