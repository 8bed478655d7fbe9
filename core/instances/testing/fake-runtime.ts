import { AppError } from "../../errors.ts";
import type { Cell, Health, Release } from "../cell.ts";
import { toCellName } from "../cell.ts";
import { toPathParts } from "../cell-path.ts";
import type { CellAddress, CellFile, CellSpec, CellUse, Runtime } from "../runtime.ts";

/** What goes wrong with one call. lost: it is done and nobody is told. late: it is done a while after nobody believes in it. */
export type FakeFault = "refused" | "lost" | "late" | "away";

export type FakeRuntimeOptions = {
	/** Milliseconds of any clock. */
	readonly nowMs: () => number;
	/** From asking a cell to start to its being up, and to its being ready. */
	readonly upMs?: number;
	readonly readyMs?: number;
	/** How long a cell that is asked to end goes on. */
	readonly endMs?: number;
	/** Asked before every call. */
	readonly fault?: (call: FakeCall) => FakeFault | undefined;
	/** How long after it was asked a late call is done. */
	readonly lateMs?: number;
};

export type FakeCall = { readonly kind: keyof Runtime; readonly instanceId: string | undefined };

type FakeCell = {
	name: string;
	instanceId: string | undefined;
	generation: number | undefined;
	port: number;
	state: Cell["state"];
	exitCode: number | undefined;
	startedMs: number;
	endsMs: number | undefined;
	isSick: boolean;
};

const FIRST_PORT = 20_000;
const MEMORY_BYTES = 900 * 1024 * 1024;

/** A runtime in memory: what can go wrong with a real one goes wrong here when it is told to. */
export class FakeRuntime implements Runtime {
	readonly kind = "fake";
	/** Called with each cell that begins to run. */
	onStart: ((cell: Cell) => void) | undefined;
	readonly #options: Required<Omit<FakeRuntimeOptions, "fault">> & Pick<FakeRuntimeOptions, "fault">;
	readonly #cells = new Map<string, FakeCell>();
	readonly #volumes = new Map<string, Map<string, CellFile>>();
	#late: { readonly atMs: number; readonly apply: () => void }[] = [];
	#ports = FIRST_PORT;

	constructor(options: FakeRuntimeOptions) {
		this.#options = { upMs: 2_000, readyMs: 4_000, endMs: 500, lateMs: 45_000, ...options };
	}

	async observe(instanceId: string, names: readonly string[]): Promise<readonly Cell[]> {
		return await this.#call("observe", instanceId, () =>
			[...this.#cells.values()]
				.filter((cell) => cell.instanceId === instanceId || names.includes(cell.name))
				.map(toCell),
		);
	}

	async list(): Promise<readonly Cell[]> {
		return await this.#call("list", undefined, () =>
			[...this.#cells.values()].filter((cell) => cell.instanceId !== undefined).map(toCell),
		);
	}

	async fetch(): Promise<Release> {
		return await this.#call("fetch", undefined, (): Release => ({ kind: "there" }));
	}

	async create({ instanceId, generation }: CellSpec): Promise<void> {
		await this.#call("create", instanceId, () => {
			const name = toCellName(instanceId, generation);
			// As Docker does.
			if (this.#cells.has(name)) throw new Error(`500: the name ${name} is taken`);
			this.#cells.set(name, { ...toNewCell(name), instanceId, generation, port: ++this.#ports });
			this.#volume(instanceId);
		});
	}

	async writeFiles(instanceId: string, _: number, files: readonly CellFile[]): Promise<void> {
		await this.#call("writeFiles", instanceId, () => {
			for (const { path } of files) toPathParts(path);
			for (const file of files) this.#volume(instanceId).set(file.path, file);
		});
	}

	async start({ instanceId, generation }: CellSpec): Promise<void> {
		const name = toCellName(instanceId, generation);
		await this.#call("start", name, () => {
			const cell = this.#require(name);
			if (cell.state === "running") return;
			const startedMs = this.#options.nowMs();
			Object.assign(cell, {
				state: "running",
				startedMs,
				exitCode: undefined,
				endsMs: undefined,
				isSick: false,
			});
			this.onStart?.(toCell(cell));
		});
	}

	async stop(name: string): Promise<void> {
		const { nowMs, endMs } = this.#options;
		await this.#call("stop", name, () => {
			const cell = this.#require(name);
			if (cell.state === "running") cell.endsMs ??= nowMs() + endMs;
		});
	}

	async kill(name: string): Promise<void> {
		await this.#call("kill", name, () => {
			const cell = this.#require(name);
			if (cell.state === "running") end(cell, 137);
		});
	}

	async remove(name: string): Promise<void> {
		await this.#call("remove", name, () => {
			const cell = this.#cells.get(name);
			if (cell === undefined) return;
			if (cell.instanceId === undefined) throw new Error(`${name} is not ours`);
			if (cell.state === "running") throw new Error(`${name} runs`);
			this.#cells.delete(name);
		});
	}

	async mend({ instanceId, generation }: CellSpec): Promise<void> {
		const name = toCellName(instanceId, generation);
		await this.#call("mend", name, () => {
			if (this.#require(name).state === "running") throw new Error(`${name} runs`);
		});
	}

	async purge(instanceId: string): Promise<void> {
		await this.#call("purge", instanceId, () => void this.#volumes.delete(instanceId));
	}

	async address(name: string): Promise<CellAddress | undefined> {
		return await this.#call("address", name, () => {
			const cell = this.#cells.get(name);
			return cell?.state === "running" ? { host: "127.0.0.1", port: cell.port } : undefined;
		});
	}

	async use(name: string): Promise<CellUse | undefined> {
		return await this.#call("use", name, () => {
			const isRunning = this.#cells.get(name)?.state === "running";
			return isRunning ? { cpuMillis: 10, memoryBytes: MEMORY_BYTES } : undefined;
		});
	}

	async logs(name: string): Promise<readonly string[]> {
		return await this.#call("logs", name, () => [`${name} says nothing`]);
	}

	async close(): Promise<void> {}

	/** For the reconciler. */
	async probe({ port }: CellAddress): Promise<Health> {
		const { nowMs, upMs, readyMs } = this.#options;
		await turn();
		this.#catchUp();
		const cell = [...this.#cells.values()].find((one) => one.port === port && one.state === "running");
		if (cell === undefined || cell.isSick) return { isLive: false, isStarted: false, isReady: false };
		const ageMs = nowMs() - cell.startedMs;
		return { isLive: true, isStarted: ageMs >= upMs, isReady: ageMs >= readyMs };
	}

	/** Cells as they are, without faults. */
	cells(): readonly Cell[] {
		this.#catchUp();
		return [...this.#cells.values()].map(toCell);
	}

	/** As they are, without faults. */
	files(instanceId: string): readonly CellFile[] | undefined {
		const files = this.#volumes.get(instanceId);
		return files === undefined ? undefined : [...files.values()];
	}

	/** A cell ends by itself. */
	crash(name: string, exitCode: number): void {
		const cell = this.#cells.get(name);
		if (cell?.state === "running") end(cell, exitCode);
	}

	/** A cell runs and does not answer any more; until it is started again. */
	sicken(name: string): void {
		const cell = this.#cells.get(name);
		if (cell !== undefined) cell.isSick = true;
	}

	/** Somebody else takes a name. False: it is taken. */
	occupy(name: string): boolean {
		if (this.#cells.has(name)) return false;
		this.#cells.set(name, { ...toNewCell(name), state: "running" });
		return true;
	}

	/** Somebody takes a cell away, whatever it does. */
	steal(name: string): void {
		this.#cells.delete(name);
	}

	/** What time has brought. */
	#catchUp(): void {
		const nowMs = this.#options.nowMs();
		const due = this.#late.filter(({ atMs }) => atMs <= nowMs);
		this.#late = this.#late.filter(({ atMs }) => atMs > nowMs);
		for (const { apply } of due) {
			try {
				apply();
			} catch {
				// Nobody listens any more.
			}
		}
		for (const cell of this.#cells.values()) {
			if (cell.state === "running" && cell.endsMs !== undefined && cell.endsMs <= nowMs) end(cell, 0);
		}
	}

	async #call<Result>(kind: keyof Runtime, about: string | undefined, apply: () => Result): Promise<Result> {
		const { fault, nowMs, lateMs } = this.#options;
		await turn();
		this.#catchUp();
		const instanceId = this.#cells.get(about ?? "")?.instanceId ?? about;
		const what = fault?.({ kind, instanceId });
		if (what === "away")
			throw new AppError("INTERNAL", "the runtime is away", { details: { cause: "runtime-away" } });
		if (what === "refused") throw new Error(`${kind} was refused`);
		if (what === "late") {
			this.#late.push({ atMs: nowMs() + lateMs, apply });
			throw new Error(`${kind} took too long`);
		}
		const result = apply();
		if (what === "lost") throw new Error(`the answer to ${kind} was lost`);
		await turn();
		return result;
	}

	#require(name: string): FakeCell {
		const cell = this.#cells.get(name);
		if (cell?.instanceId === undefined) throw new Error(`no cell ${name} of ours`);
		return cell;
	}

	#volume(instanceId: string): Map<string, CellFile> {
		const files = this.#volumes.get(instanceId) ?? new Map<string, CellFile>();
		this.#volumes.set(instanceId, files);
		return files;
	}
}

/** Of somebody else's, until it says otherwise. */
function toNewCell(name: string): FakeCell {
	return {
		...{ name, instanceId: undefined, generation: undefined, port: 0, state: "created", exitCode: undefined },
		...{ startedMs: 0, endsMs: undefined, isSick: false },
	};
}

function end(cell: FakeCell, exitCode: number): void {
	cell.state = "exited";
	cell.exitCode = exitCode;
	cell.endsMs = undefined;
}

function toCell({ name, instanceId, generation, state, exitCode }: FakeCell): Cell {
	return { name, instanceId, generation, state, ...(exitCode !== undefined && { exitCode }) };
}

/** Others have their turn in between, as with every real call. */
async function turn(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}
