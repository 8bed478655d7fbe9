import type { Cell, Release } from "../../cell.ts";
import { toCellName } from "../../cell.ts";
import type { CellAddress, CellFile, CellSpec, CellUse, Runtime } from "../../runtime.ts";
import type { OwnContainer } from "./cells.ts";
import { requireOurs } from "./cells.ts";
import { CELL_PORT } from "./container/container-body.ts";
import { toCell } from "./container/container-state.ts";
import type { DockerRuntimeOptions } from "./docker-options.ts";
import { EngineRefusal, orMissing } from "./engine/engine-refusal.ts";
import { readLogs } from "./engine/read-logs.ts";
import { readStats } from "./engine/read-stats.ts";
import { clearHands, clearOldHands } from "./files/hand.ts";
import { mendFiles, writeFiles } from "./files/work-on-files.ts";
import type { Ground } from "./ground.ts";
import { openGround } from "./ground.ts";
import { createCell, startCell } from "./make-cell.ts";
import { findMachineAddress, removeNetwork } from "./surroundings/open-network.ts";
import { removeVolume } from "./surroundings/open-volume.ts";

/**
 * Cells as containers of Docker or Podman, over its socket. What is kept apart and what is not: decision 071.
 *
 * @throws TypeError for options that would not keep agents apart
 */
export function createDockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
	return new DockerRuntime(options);
}

/** And what containers have that others have not. */
export type ContainerRuntime = Runtime & {
	/** The machine's own address in the instance's network; undefined: it has none, or one with a way out. */
	machineAddress(instanceId: string): Promise<string | undefined>;
};

class DockerRuntime implements ContainerRuntime {
	readonly kind = "docker";
	readonly #ground: Ground;
	readonly #used = new Map<string, { readonly cpuMs: number; readonly atMs: number }>();

	constructor(options: DockerRuntimeOptions) {
		this.#ground = openGround(options);
	}

	async observe(instanceId: string, names: readonly string[]): Promise<readonly Cell[]> {
		const { cells, docker } = this.#ground;
		return await this.#ask("it could not be looked at", async () => {
			const { cells: own, hands } = await cells.list(instanceId);
			// Of a node that died; nothing else may ever be done to this instance again.
			await clearOldHands(docker, hands);
			const others = names.filter((name) => !own.some((cell) => cell.name === name));
			const found = await Promise.all(others.map(async (name) => await cells.find(name)));
			return [...own, ...found.filter((one) => one !== undefined)].map(toCell);
		});
	}

	async list(): Promise<readonly Cell[]> {
		const { cells } = this.#ground;
		return await this.#ask("they could not be listed", async () => (await cells.list()).cells.map(toCell));
	}

	async fetch(release: string): Promise<Release> {
		const { images } = this.#ground;
		return await this.#ask("its program could not be looked for", async () => await images.fetch(release));
	}

	async create(spec: CellSpec): Promise<void> {
		await this.#ask("it could not be made", async () => await createCell(this.#ground, spec));
	}

	async writeFiles(instanceId: string, generation: number, files: readonly CellFile[]): Promise<void> {
		await this.#ask(
			"its files could not be written",
			async () => await writeFiles(this.#ground, { instanceId, generation }, files),
		);
	}

	async start(spec: CellSpec): Promise<void> {
		await this.#ask("it could not be started", async () => {
			const cell = await this.#ground.cells.require(toCellName(spec.instanceId, spec.generation));
			if (cell.state !== "running") await startCell(this.#ground, cell, spec);
		});
	}

	async stop(name: string): Promise<void> {
		await this.#ask("it could not be asked to end", async () => await this.#signal(name, "SIGTERM"));
	}

	async kill(name: string): Promise<void> {
		await this.#ask("it could not be ended", async () => await this.#signal(name, "SIGKILL"));
	}

	async remove(name: string): Promise<void> {
		const { docker, names } = this.#ground;
		await this.#ask("it could not be taken away", async () => {
			const cell = await this.#findOurs(name);
			if (cell === undefined) return;
			if (cell.state === "running") throw new Error(`${name} runs`);
			await clearHands(docker, names, cell.owned.instanceId);
			// Volumes without a name, which an image may ask for, go with it.
			await orMissing(docker.getContainer(cell.id).remove({ v: true }));
			this.#used.delete(cell.id);
		});
	}

	async mend(spec: CellSpec): Promise<void> {
		await this.#ask("it could not be mended", async () => await mendFiles(this.#ground, spec));
	}

	async purge(instanceId: string): Promise<void> {
		const { docker, names, settings } = this.#ground;
		await this.#ask("its files could not be deleted", async () => {
			await clearHands(docker, names, instanceId);
			const isVolumeGone = await removeVolume(docker, names, instanceId);
			const isNetworkGone = await removeNetwork(docker, names, instanceId);
			if (isVolumeGone && isNetworkGone) return;
			settings.onTrouble(
				`${names.volume(instanceId)} is the name of somebody else's, which stays`,
				undefined,
			);
		});
	}

	async address(name: string): Promise<CellAddress | undefined> {
		const { names, settings } = this.#ground;
		return await this.#ask("its address could not be found", async () => {
			const cell = await this.#findRunning(name);
			if (cell === undefined) return undefined;
			if (settings.reach === "loopback") {
				const port = cell.published[`${CELL_PORT}/tcp`];
				return port === undefined ? undefined : { host: "127.0.0.1", port };
			}
			const host = cell.addresses[names.network(cell.owned.instanceId)];
			return host === undefined ? undefined : { host, port: CELL_PORT };
		});
	}

	async machineAddress(instanceId: string): Promise<string | undefined> {
		const { docker, names, settings } = this.#ground;
		const { reach, subnets: range } = settings;
		if (reach !== "bridge") return undefined;
		return await this.#ask("its network could not be looked at", async () => {
			return await findMachineAddress(docker, names, { instanceId, isInternal: true, range });
		});
	}

	async use(name: string): Promise<CellUse | undefined> {
		const { docker } = this.#ground;
		return await this.#ask("its use could not be measured", async () => {
			const cell = await this.#findRunning(name);
			if (cell === undefined) return undefined;
			const asked = { stream: false, "one-shot": true } as const;
			const stats = readStats(await orMissing(docker.getContainer(cell.id).stats(asked)));
			if (stats === undefined) return undefined;
			const now = { cpuMs: stats.cpuMs, atMs: performance.now() };
			const last = this.#used.get(cell.id) ?? now;
			this.#used.set(cell.id, now);
			const passedMs = Math.max(1, now.atMs - last.atMs);
			const cpuMillis = Math.max(0, Math.round(((now.cpuMs - last.cpuMs) / passedMs) * 1_000));
			return { cpuMillis, memoryBytes: stats.memoryBytes };
		});
	}

	async logs(name: string, linesMax: number): Promise<readonly string[]> {
		return await this.#ask("its log could not be read", async () => {
			const cell = await this.#findOurs(name);
			return cell === undefined ? [] : await readLogs(this.#ground.docker, cell.id, linesMax);
		});
	}

	/** Cells go on; whoever comes next finds them. */
	async close(): Promise<void> {}

	/** Undefined: there is none. @throws Error where it is somebody else's */
	async #findOurs(name: string): Promise<OwnContainer | undefined> {
		const found = await this.#ground.cells.find(name);
		return found === undefined ? undefined : requireOurs(found, name);
	}

	async #findRunning(name: string): Promise<OwnContainer | undefined> {
		const cell = await this.#findOurs(name);
		return cell?.state === "running" ? cell : undefined;
	}

	/** Engines have many words for a container that does not run: what counts is whether it does afterwards. */
	async #signal(name: string, signal: NodeJS.Signals): Promise<void> {
		const cell = await this.#findRunning(name);
		if (cell === undefined) return;
		try {
			await this.#ground.docker.getContainer(cell.id).kill({ signal });
		} catch (error) {
			if (!(error instanceof EngineRefusal)) throw error;
			if ((await this.#ground.cells.find(cell.id))?.state === "running") throw error;
		}
	}

	/** What the engine says names paths and images of this machine: the operator hears it, the owner that it was refused. */
	async #ask<Result>(failed: string, work: () => Promise<Result>): Promise<Result> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof EngineRefusal)) throw error;
			this.#ground.settings.onTrouble(failed, error);
			throw new Error(`${failed} (${error.status})`, { cause: error });
		}
	}
}
