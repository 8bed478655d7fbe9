import type { Knex } from "knex";
import { listKnownInstances } from "../db/instances.ts";
import type { Cell } from "./cell.ts";
import type { Runtime } from "./runtime.ts";
import { within } from "./within.ts";

export type CollectorDeps = {
	readonly db: Knex;
	/** By host: those this node reaches. */
	readonly runtimes: ReadonlyMap<string, Pick<Runtime, "list" | "kill" | "remove">>;
	readonly log: { warn(fields: object, message: string): void };
	/** Milliseconds that never go back. */
	readonly nowMs?: () => number;
};

/** Seen in two full lists so far apart, a cell that is nobody's is taken away. */
export const STRAY_MS = 300_000;
const CALL_MS_MAX = 30_000;

/**
 * Takes away cells that carry our label and belong to no instance, such as of a database that was restored to an earlier day.
 * What is not ours is never touched, nor are data: they go with a deletion alone. One round for every call.
 */
export function createCollector({ db, runtimes, log, nowMs = () => performance.now() }: CollectorDeps) {
	/** By host and name, when each was first seen without an instance. */
	const strays = new Map<string, number>();

	async function findStrays(host: string, runtime: Pick<Runtime, "list">): Promise<readonly Cell[]> {
		const cells = await within(runtime.list(), CALL_MS_MAX);
		const ours = cells.filter((cell) => cell.instanceId !== undefined);
		// Read after the list: an instance that was made meanwhile is known.
		const known = await listKnownInstances(
			db,
			ours.flatMap(({ instanceId }) => instanceId ?? []),
		);
		const found = ours.filter(({ instanceId }) => instanceId !== undefined && !known.has(instanceId));
		const names = new Set(found.map(({ name }) => `${host} ${name}`));
		for (const name of strays.keys()) {
			if (name.startsWith(`${host} `) && !names.has(name)) strays.delete(name);
		}
		return found;
	}

	return async function collect(): Promise<void> {
		for (const [host, runtime] of runtimes) {
			for (const { name, state, instanceId } of await findStrays(host, runtime)) {
				const place = `${host} ${name}`;
				const firstMs = strays.get(place) ?? nowMs();
				strays.set(place, firstMs);
				if (nowMs() - firstMs < STRAY_MS) continue;
				log.warn({ cell: name, instanceId }, "a cell that belongs to no instance is taken away");
				// One that still runs is removed at the next round.
				await within(state === "running" ? runtime.kill(name) : runtime.remove(name), CALL_MS_MAX);
			}
		}
	};
}
