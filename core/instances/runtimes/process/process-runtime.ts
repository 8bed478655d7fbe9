import { lstat, rm } from "node:fs/promises";
import type { Cell, Release } from "../../cell.ts";
import { toCellName } from "../../cell.ts";
import type { CellAddress, CellFile, CellSpec, CellUse, Runtime } from "../../runtime.ts";
import type { CellRun } from "./cell-files.ts";
import {
	forgetRun,
	listMade,
	makeCell,
	noteOutOfMemory,
	noteRun,
	noteStarting,
	readEnd,
	readMade,
	readRun,
	readStarting,
	removeMade,
} from "./cell-files.ts";
import { findFreePort } from "./free-port.ts";
import { startKept, toKeeperMark } from "./keeper.ts";
import type { OwnUser } from "./own-user.ts";
import { findOwnUser, openHome } from "./own-user.ts";
import type { Places } from "./places.ts";
import { toPlaces } from "./places.ts";
import type { RunningProcess } from "./processes.ts";
import { findByArgument, listProcesses } from "./processes.ts";
import { sweepScratch } from "./sweep-scratch.ts";
import { cutLog, tailLog } from "./tail-log.ts";
import { writeBelow } from "./write-files.ts";

/** Where the programs come from. */
export type Releases = {
	/** As Runtime.fetch. */
	fetch(release: string): Promise<Release>;
	/** The program of a release that is there, and what stands before its arguments. */
	command(release: string): readonly string[];
};

export type ProcessRuntimeOptions = {
	/** Directory of its own. */
	readonly root: string;
	readonly releases: Releases;
	/** What every program is given besides its own: no secret is in it. */
	readonly environment: Readonly<Record<string, string>>;
	readonly onTrouble: (message: string, error: unknown) => void;
	/** A program runs, and no file says so yet. */
	readonly onBegun?: () => void;
};

/** How often memory is looked at, and how old what is known of processes may be. */
const WATCH_MS = 5_000;
const FRESH_MS = 250;
const MEND_MS = 25_000;
const STEP_MS = 100;

/**
 * Cells as groups of processes of this machine, for those who have no containers: each with a home, a port and, as root, a user
 * of its own. They outlive us, and whoever comes after us finds them on the disk. What a container would keep apart, the
 * network first of all, is not kept apart here.
 */
export class ProcessRuntime implements Runtime {
	readonly kind = "process";
	readonly #options: ProcessRuntimeOptions;
	readonly #places: Places;
	readonly #timer: NodeJS.Timeout;
	readonly #used = new Map<string, { readonly cpuMs: number; readonly atMs: number }>();
	#known: { readonly processes: Promise<readonly RunningProcess[]>; readonly atMs: number } | undefined;

	constructor(options: ProcessRuntimeOptions) {
		this.#options = options;
		this.#places = toPlaces(options.root);
		this.#timer = setInterval(() => {
			this.#watch().catch((error: unknown) => options.onTrouble("instances could not be watched", error));
		}, WATCH_MS);
		this.#timer.unref();
	}

	async observe(instanceId: string, names: readonly string[]): Promise<readonly Cell[]> {
		const all = await this.list();
		return all.filter((cell) => cell.instanceId === instanceId || names.includes(cell.name));
	}

	async list(): Promise<readonly Cell[]> {
		const names = await listMade(this.#places);
		const cells = await Promise.all(names.map(async (name) => await this.#look(name)));
		return cells.filter((cell) => cell !== undefined);
	}

	fetch = async (release: string): Promise<Release> => await this.#options.releases.fetch(release);

	async create({ instanceId, generation, limits }: CellSpec): Promise<void> {
		await openHome(this.#places, instanceId);
		const { memoryBytes } = limits;
		await makeCell(this.#places, toCellName(instanceId, generation), { instanceId, generation, memoryBytes });
	}

	async writeFiles(instanceId: string, _: number, files: readonly CellFile[]): Promise<void> {
		const user = await openHome(this.#places, instanceId);
		await writeBelow(this.#places.home(instanceId), files, user);
	}

	async start(spec: CellSpec): Promise<void> {
		const name = await this.#requireMade(spec);
		if ((await this.#findGroup(name)).length > 0) return;
		const port = spec.port ?? (await findFreePort());
		await noteStarting(this.#places, name, port);
		const pid = await this.#run(spec, name, port, spec.args);
		this.#options.onBegun?.();
		await this.#adopt(name, pid, port);
	}

	async stop(name: string): Promise<void> {
		await this.#signal(name, "SIGTERM");
	}

	async kill(name: string): Promise<void> {
		await this.#signal(name, "SIGKILL");
	}

	async remove(name: string): Promise<void> {
		if ((await this.#findGroup(name)).length > 0) throw new Error(`${name} runs`);
		const made = await readMade(this.#places, name);
		if (made !== undefined) await sweepScratch(await findOwnUser(this.#places, made.instanceId));
		await removeMade(this.#places, name);
		this.#used.delete(name);
	}

	async mend(spec: CellSpec): Promise<void> {
		const name = await this.#requireMade(spec);
		if ((await this.#findGroup(name)).length > 0) throw new Error(`${name} runs`);
		const pid = await this.#run(spec, name, spec.port ?? 0, spec.mendArgs);
		const endsAtMs = performance.now() + MEND_MS;
		while ((await this.#processes(0)).some(({ group }) => group === pid)) {
			if (performance.now() > endsAtMs) {
				sendTo(-pid, "SIGKILL");
				throw new Error("mending took too long");
			}
			await new Promise((resolve) => setTimeout(resolve, STEP_MS));
		}
	}

	async purge(instanceId: string): Promise<void> {
		const home = this.#places.home(instanceId);
		const found = await lstat(home).catch(() => undefined);
		if (found === undefined) return;
		if (!found.isDirectory()) throw new Error(`${home} is no directory`);
		await rm(home, { recursive: true, force: true });
	}

	async address(name: string): Promise<CellAddress | undefined> {
		const run = await readRun(this.#places, name);
		if (run === undefined || (await this.#findGroup(name)).length === 0) return undefined;
		return { host: "127.0.0.1", port: run.port };
	}

	async use(name: string): Promise<CellUse | undefined> {
		const group = await this.#findGroup(name);
		if (group.length === 0) return undefined;
		const now = { cpuMs: sum(group, "cpuMs"), atMs: performance.now() };
		const last = this.#used.get(name) ?? now;
		this.#used.set(name, now);
		const passedMs = Math.max(1, now.atMs - last.atMs);
		const cpuMillis = Math.max(0, Math.round(((now.cpuMs - last.cpuMs) / passedMs) * 1_000));
		return { cpuMillis, memoryBytes: sum(group, "memoryBytes") };
	}

	async logs(name: string, linesMax: number): Promise<readonly string[]> {
		const made = await readMade(this.#places, name);
		if (made === undefined) return [];
		// Where it lives on this machine is nobody's but ours.
		const home = this.#places.home(made.instanceId);
		return (await tailLog(this.#places.log(name), linesMax)).map((line) => line.replaceAll(home, "~"));
	}

	/** Cells go on; whoever comes next finds them. */
	async close(): Promise<void> {
		clearInterval(this.#timer);
	}

	/** Ends all cells, for when nobody comes next: they count as never started then, so that a later start is no restart. */
	async endAll(graceMs: number): Promise<void> {
		const names = await listMade(this.#places);
		await Promise.all(names.map(async (name) => await this.stop(name)));
		const endsAtMs = performance.now() + graceMs;
		const isAnyLeft = async (): Promise<boolean> => {
			const groups = await Promise.all(names.map(async (name) => await this.#findGroup(name, STEP_MS / 2)));
			return groups.some((group) => group.length > 0);
		};
		while (performance.now() < endsAtMs && (await isAnyLeft())) {
			await new Promise((resolve) => setTimeout(resolve, STEP_MS));
		}
		await Promise.all(names.map(async (name) => await this.kill(name)));
		await Promise.all(names.map(async (name) => await forgetRun(this.#places, name)));
	}

	async #look(name: string): Promise<Cell | undefined> {
		const made = await readMade(this.#places, name);
		if (made === undefined) return { name, instanceId: undefined, generation: undefined, state: "exited" };
		const { instanceId, generation } = made;
		if ((await this.#findGroup(name)).length > 0) return { name, instanceId, generation, state: "running" };
		if ((await readRun(this.#places, name)) === undefined)
			return { name, instanceId, generation, state: "created" };
		return { name, instanceId, generation, state: "exited", ...(await readEnd(this.#places, name)) };
	}

	async #requireMade({ instanceId, generation }: CellSpec): Promise<string> {
		const name = toCellName(instanceId, generation);
		if ((await readMade(this.#places, name)) === undefined) throw new Error(`there is no ${name}`);
		return name;
	}

	async #run(spec: CellSpec, name: string, port: number, args: readonly string[]): Promise<number> {
		const home = this.#places.home(spec.instanceId);
		const user: OwnUser = await openHome(this.#places, spec.instanceId);
		const fill = (text: string): string => text.replaceAll("{home}", home).replaceAll("{port}", String(port));
		const environment = { ...this.#options.environment, HOME: home, ...spec.environment };
		return await startKept({
			out: this.#places.out(name),
			log: this.#places.log(name),
			directory: home,
			command: [...this.#options.releases.command(spec.release), ...args.map(fill)],
			environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, fill(value)])),
			user,
		});
	}

	async #signal(name: string, signal: NodeJS.Signals): Promise<void> {
		const run = await readRun(this.#places, name);
		const group = await this.#findGroup(name, 0);
		if (run === undefined || group.length === 0) return;
		sendTo(-run.pid, signal);
		// Whoever left the group is still the instance's.
		for (const { pid } of group) sendTo(pid, signal);
	}

	async #adopt(name: string, pid: number, port: number): Promise<void> {
		const leader = (await this.#processes(0)).find((one) => one.pid === pid);
		// Gone already: then its file says how.
		await noteRun(this.#places, name, { pid, startedAt: leader?.startedAt ?? "", port });
	}

	/** A start in whose midst its node died: what it began is found by what its shell was told. */
	async #findLost(name: string): Promise<void> {
		const port = await readStarting(this.#places, name);
		if (port === undefined) return;
		const [pid] = await findByArgument(toKeeperMark(this.#places.out(name)));
		if (pid !== undefined) await this.#adopt(name, pid, port);
	}

	/** What runs of a cell's last run; empty: it has ended. */
	async #findGroup(name: string, ageMs = FRESH_MS): Promise<readonly RunningProcess[]> {
		await this.#findLost(name);
		const run = await readRun(this.#places, name);
		return run === undefined ? [] : pickGroup(run, await this.#processes(ageMs));
	}

	async #processes(ageMs: number): Promise<readonly RunningProcess[]> {
		const nowMs = performance.now();
		if (this.#known === undefined || nowMs - this.#known.atMs > ageMs) {
			this.#known = { processes: listProcesses(), atMs: nowMs };
		}
		return await this.#known.processes;
	}

	/** Ends what needs more memory than it may have, and keeps logs short. */
	async #watch(): Promise<void> {
		for (const name of await listMade(this.#places)) {
			const made = await readMade(this.#places, name);
			const group = await this.#findGroup(name);
			await cutLog(this.#places.log(name));
			if (made === undefined || sum(group, "memoryBytes") <= made.memoryBytes) continue;
			await noteOutOfMemory(this.#places, name);
			await this.kill(name);
		}
	}
}

/** The number of a group that has ended may be somebody else's by now: its first process would have begun at another time. */
function pickGroup(
	{ pid, startedAt }: CellRun,
	processes: readonly RunningProcess[],
): readonly RunningProcess[] {
	const leader = processes.find((one) => one.pid === pid);
	if (leader !== undefined && leader.startedAt !== startedAt) return [];
	return processes.filter(({ group }) => group === pid);
}

function sum(processes: readonly RunningProcess[], figure: "memoryBytes" | "cpuMs"): number {
	return processes.reduce((total, one) => total + one[figure], 0);
}

/** What is gone is gone. */
function sendTo(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}
