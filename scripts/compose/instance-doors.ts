import type { Knex } from "knex";
import type { Door } from "../../bots/http/create-ingress.ts";
import { listLiveInstances } from "../../core/db/instances.ts";
import type { ContainerRuntime } from "../../core/instances/runtimes/docker/docker-runtime.ts";
import type { Logger } from "../../core/log.ts";

export type DoorsDeps = {
	readonly db: Knex;
	readonly host: string;
	readonly runtime: Pick<ContainerRuntime, "machineAddress">;
	/** Listens at one more address of this machine. */
	readonly open: (address: string) => Promise<Door>;
	readonly log: Pick<Logger, "warn">;
};

/** An agent comes up in some seconds, and asks for nothing before. */
export const DOORS_EVERY_MS = 1_000;
/** Another node of this machine listens there, or nothing is in the network yet and the machine has no address in it. */
const LATER = new Set(["EADDRINUSE", "EADDRNOTAVAIL"]);

/**
 * Our gateway in the network of each container, at the machine's address there and nowhere else: what instances call is then
 * open to nobody but them. Each call opens what is missing and closes what is over.
 */
export function createDoors({ db, host, runtime, open, log }: DoorsDeps): {
	readonly look: () => Promise<void>;
	readonly close: () => Promise<void>;
} {
	const doors = new Map<string, Door>();
	/** An instance's network stays what it is: it is asked for once. */
	const addresses = new Map<string, string>();

	async function openFor(instanceId: string): Promise<void> {
		try {
			const address = addresses.get(instanceId) ?? (await runtime.machineAddress(instanceId));
			if (address === undefined) return;
			addresses.set(instanceId, address);
			doors.set(instanceId, await open(address));
		} catch (error) {
			if (!LATER.has((error as NodeJS.ErrnoException).code ?? "")) {
				log.warn({ err: error, instanceId }, "an instance cannot reach our gateway yet");
			}
		}
	}

	return {
		async look() {
			const live = await listLiveInstances(db, host);
			for (const instanceId of live) if (!doors.has(instanceId)) await openFor(instanceId);
			const wanted = new Set(live);
			for (const instanceId of addresses.keys()) if (!wanted.has(instanceId)) addresses.delete(instanceId);
			for (const [instanceId, door] of doors) {
				if (wanted.has(instanceId)) continue;
				doors.delete(instanceId);
				await door.close();
			}
		},
		async close() {
			await Promise.all([...doors.values()].map(async (door) => await door.close()));
			doors.clear();
		},
	};
}
