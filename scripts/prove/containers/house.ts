import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { toNames } from "../../../core/instances/runtimes/docker/names.ts";
import type { Podman } from "../../../core/instances/runtimes/docker/testing/podman.ts";
import { startPodman } from "../../../core/instances/runtimes/docker/testing/podman.ts";
import type { StubBase } from "../../../core/instances/runtimes/docker/testing/stub-image.ts";
import { loadStub } from "../../../core/instances/runtimes/docker/testing/stub-image.ts";
import { insertInstances } from "../instances/history-rows.ts";
import { createProofDatabase } from "../quota/proof-database.ts";

/** Instances in a database, an engine of their own, and volumes of which some are small. */
export type House = {
	readonly db: Knex;
	readonly url: string;
	readonly podman: Podman;
	readonly base: StubBase;
	readonly host: string;
	readonly installation: string;
	readonly ids: readonly string[];
	/** By id: the directory behind a volume that is soon full. */
	readonly small: ReadonlyMap<string, string>;
	/** For sockets. */
	readonly scratch: string;
	close(): Promise<void>;
};

export const START_MS = 1_900_000_000_000;
/** Nobody gives up on what takes long because nodes die of it. */
export const DEPLOY_MS = 1_000_000_000;
const SMALL_BYTES = 256 * 1024;
const INSTALLATION = "proof";

export async function openHouse(counts: {
	readonly instances: number;
	readonly small: number;
}): Promise<House> {
	const scratch = await mkdtemp(join(tmpdir(), "rockpool-house-"));
	const { db, url, destroy } = await createProofDatabase();
	const podman = await startPodman();
	const small = new Map<string, string>();
	const close = async (): Promise<void> => {
		await podman.stop();
		for (const directory of small.values()) spawnSync("umount", ["--lazy", directory]);
		await rm(scratch, { recursive: true, force: true });
		await destroy();
	};
	try {
		const base = await loadStub(podman);
		const host = "containers";
		const made = { host, count: counts.instances, nowMs: START_MS, deployMs: DEPLOY_MS };
		const ids = await insertInstances(db, made);
		const { cpuMillis, memoryBytes, processesMax } = base.limits;
		await db("instances")
			.where({ host })
			.update({
				...{
					release: base.release,
					cpu_millis: cpuMillis,
					memory_bytes: memoryBytes,
					processes_max: processesMax,
				},
			});
		for (const id of ids.slice(0, counts.small)) small.set(id, await makeSmall(podman, scratch, id));
		return { db, url, podman, base, host, installation: INSTALLATION, ids, small, scratch, close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** A volume as the runtime would make it, over a file system that holds next to nothing. */
async function makeSmall(podman: Podman, scratch: string, id: string): Promise<string> {
	const directory = join(scratch, id);
	await mkdir(directory);
	const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SMALL_BYTES}`, "tmpfs", directory]);
	if (mounted.status !== 0) throw new Error(`no small file system: ${String(mounted.stderr)}`);
	const names = toNames(INSTALLATION);
	const labels = Object.entries(names.labels(id)).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
	const options = ["type=none", "o=bind", `device=${directory}`].flatMap((option) => ["--opt", option]);
	await podman.run("volume", "create", ...labels, ...options, names.volume(id));
	return directory;
}
