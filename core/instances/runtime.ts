import type { Cell, Release } from "./cell.ts";

/** What a cell may use. */
export type CellLimits = {
	/** Of one core, in thousandths. */
	readonly cpuMillis: number;
	readonly memoryBytes: number;
	readonly processesMax: number;
};

/** A cell to be made. Its files are written before it is started, and outlive it. */
export type CellSpec = {
	readonly instanceId: string;
	readonly generation: number;
	/** Which release of the agent: a version for what is installed, an image by digest for what is pulled. */
	readonly release: string;
	readonly limits: CellLimits;
	/** What is given to it besides its files; no value is ever logged or kept. In all of these {home} is where its files are, {port} its port. */
	readonly environment: Readonly<Record<string, string>>;
	/** Arguments of the agent's program, and those with which it repairs its own files. */
	readonly args: readonly string[];
	readonly mendArgs: readonly string[];
	/** Where it is reached: the runtime publishes its one port there, on the loopback alone; undefined where it finds a place itself. */
	readonly port: number | undefined;
};

/** A file of an instance, by its path below the instance's own directory. */
export type CellFile = { readonly path: string; readonly content: string };

/** What a cell uses just now. */
export type CellUse = {
	/** Of one core, in thousandths, since it was asked last. */
	readonly cpuMillis: number;
	readonly memoryBytes: number;
};

/** Where its probes and its API are. */
export type CellAddress = { readonly host: string; readonly port: number };

/**
 * One way to run cells: processes, containers, pods. Every function may be called twice, and answers when the runtime has
 * taken it, not when it has come true: that is seen by asking again. What fails without a word may have happened.
 *
 * @throws (all) AppError INTERNAL, details.cause "runtime-away" where the runtime cannot be asked at all; other errors where it refuses
 */
export type Runtime = {
	readonly kind: string;
	/** Cells that carry our label for this instance, and whoever else has one of these names. */
	observe(instanceId: string, names: readonly string[]): Promise<readonly Cell[]>;
	/** All cells that carry our label. */
	list(): Promise<readonly Cell[]>;
	/** Has the release brought here where it is not: answers at once how far that is. */
	fetch(release: string): Promise<Release>;
	/** Makes it, not started. Its release is there. @throws where the name is taken, also by itself */
	create(spec: CellSpec): Promise<void>;
	/** Writes files of the instance, whether its cell runs or not; each is the old one or the new one at every moment. */
	writeFiles(instanceId: string, generation: number, files: readonly CellFile[]): Promise<void>;
	/** Starts the cell of this generation. One that runs goes on running. */
	start(spec: CellSpec): Promise<void>;
	/** Asks it to end. */
	stop(cell: string): Promise<void>;
	/** Ends it. */
	kill(cell: string): Promise<void>;
	/** Takes away one that has ended; its instance's files stay. One that is not there is taken away already. */
	remove(cell: string): Promise<void>;
	/** Runs the agent's own repair over the files of a cell that has ended; its outcome is seen when it is started again. */
	mend(spec: CellSpec): Promise<void>;
	/** Deletes the files of an instance that has no cells any more. */
	purge(instanceId: string): Promise<void>;
	/** Undefined: it does not run. */
	address(cell: string): Promise<CellAddress | undefined>;
	use(cell: string): Promise<CellUse | undefined>;
	/** The last lines it wrote, at most so many; never more than LOG_BYTES_MAX. */
	logs(cell: string, linesMax: number): Promise<readonly string[]>;
	close(): Promise<void>;
};

/** Of one answer with logs. */
export const LOG_BYTES_MAX = 256 * 1024;
