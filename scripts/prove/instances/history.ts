import type { Knex } from "knex";
import { wishDeleted, wishRunning, wishStopped } from "../../../core/db/instance-wishes.ts";
import { toCellName } from "../../../core/instances/cell.ts";
import { FIGURES } from "../../../core/instances/figures.ts";
import type { FakeFault } from "../../../core/instances/testing/fake-runtime.ts";
import { FakeRuntime } from "../../../core/instances/testing/fake-runtime.ts";
import { createRandom } from "../prove-options.ts";
import type { HistoryRow } from "./history-rows.ts";
import { findNextMs, insertInstances, isSettled, readRows } from "./history-rows.ts";
import type { Watched } from "./watched-node.ts";
import { createWatchedNode } from "./watched-node.ts";

/** What one history came to. */
export type HistoryOutcome = {
	/** Cells of one instance that ran beside each other, and starts of a cell older than one that ran before. */
	readonly beside: number;
	readonly older: number;
	/** Changes to one instance made at the same time by nodes that both believed it was theirs. */
	readonly overlapping: number;
	/** Instances that are not what is wanted of them after all that time, names of others that were touched, data that is missing. */
	readonly unsettled: readonly string[];
	readonly touched: number;
	readonly dataLost: number;
	readonly starts: number;
	readonly slept: number;
	readonly looks: number;
};

const INSTANCES = 20;
const CHAOS_TICKS = 120;
const CALM_TICKS = 400;
const TICK_MS_MAX = 6_000;
const START_MS = 1_900_000_000_000;
const KEPT_MS = 1_000_000;
const FAULTS: readonly FakeFault[] = ["refused", "lost", "late"];
const FAULT = 0.12;
const AWAY_MS = 90_000;
/** Longer than a lease. */
const SLEEP_MS = 120_000;

/** What happens to somebody at a tick, and how often. */
const EVENTS = [
	["flip", 0.6],
	["crash", 0.5],
	["sicken", 0.2],
	["steal", 0.15],
	["occupy", 0.1],
	["away", 0.01],
	["sleep", 0.06],
] as const;

/**
 * Twenty instances, two nodes and a runtime over which everything breaks that can, while their owners change their minds; then
 * nothing breaks any more, and all must come to be what is wanted. The clock is the history's own.
 */
export async function runHistory(db: Knex, seed: number): Promise<HistoryOutcome> {
	const history = new History(db, seed);
	await history.begin();
	await history.chaos();
	await history.calm();
	return await history.judge();
}

class History {
	readonly #db: Knex;
	readonly #host: string;
	readonly #random: () => number;
	readonly #runtime: FakeRuntime;
	readonly #nodes: readonly Watched[];
	readonly #newest = new Map<string, number>();
	readonly #occupied = new Set<string>();
	readonly #busy = new Map<string, number>();
	#ids: readonly string[] = [];
	#nowMs = START_MS;
	#awayUntilMs = 0;
	#isCalm = false;
	#beside = 0;
	#older = 0;
	#overlapping = 0;
	#starts = 0;
	#slept = 0;
	#looks = 0;

	constructor(db: Knex, seed: number) {
		this.#db = db;
		this.#host = `history-${seed}`;
		this.#random = createRandom(seed);
		this.#runtime = new FakeRuntime({ nowMs: () => this.#nowMs, fault: () => this.#fault() });
		this.#runtime.onStart = ({ instanceId, generation }) => this.#noteStart(instanceId, generation);
		const clock = { nowMs: () => this.#nowMs, jitter: () => 2 * this.#random() - 1 };
		const onOverlap = (): void => {
			this.#overlapping += 1;
		};
		const common = { db, host: this.#host, runtime: this.#runtime, busy: this.#busy, onOverlap, ...clock };
		this.#nodes = [createWatchedNode(common), createWatchedNode(common)];
	}

	async begin(): Promise<void> {
		const made = { host: this.#host, count: INSTANCES, nowMs: this.#nowMs, deployMs: FIGURES.deployMs };
		this.#ids = await insertInstances(this.#db, made);
	}

	async chaos(): Promise<void> {
		for (let tick = 0; tick < CHAOS_TICKS; tick += 1) {
			this.#nowMs += 200 + Math.trunc(this.#random() * TICK_MS_MAX);
			for (const [event, chance] of EVENTS) if (this.#random() < chance) await this.#happen(event);
			await this.#pass();
		}
	}

	/** Nobody breaks anything any more; whoever was given up is asked for once more. */
	async calm(): Promise<void> {
		this.#isCalm = true;
		this.#nowMs += SLEEP_MS;
		for (const node of this.#nodes) node.wake();
		for (let tick = 0; tick < CALM_TICKS; tick += 1) {
			await this.#pass();
			const rows = await readRows(this.#db, this.#host);
			for (const row of rows) if (row.desired === "running" && row.phase === "failed") await this.#retry(row);
			const cells = this.#runtime.cells();
			const open = rows.filter((row) => !isSettled(row, cells)).map(({ id }) => id);
			if (open.length === 0) return;
			const nextMs = await findNextMs(this.#db, open);
			this.#nowMs = Math.max(this.#nowMs + 1_000, nextMs ?? 0);
		}
	}

	async judge(): Promise<HistoryOutcome> {
		const rows = await readRows(this.#db, this.#host);
		const cells = this.#runtime.cells();
		const unsettled = rows.filter((row) => !isSettled(row, cells));
		const names = new Set(cells.filter(({ instanceId }) => instanceId === undefined).map(({ name }) => name));
		const hasLost = ({ id, desired }: HistoryRow): boolean =>
			desired === "running" && this.#runtime.files(id) === undefined;
		return {
			...{ beside: this.#beside, older: this.#older, overlapping: this.#overlapping },
			unsettled: unsettled.map((row) => JSON.stringify(row)),
			touched: [...this.#occupied].filter((name) => !names.has(name)).length,
			dataLost: rows.filter(hasLost).length,
			...{ starts: this.#starts, slept: this.#slept, looks: this.#looks },
		};
	}

	async #retry({ id }: HistoryRow): Promise<void> {
		await wishRunning(this.#db, { instanceId: id, nowMs: this.#nowMs }, { deployMs: FIGURES.deployMs });
	}

	/** Both at once; one that sleeps is not waited for. */
	async #pass(): Promise<void> {
		const looked = await Promise.all(this.#nodes.map(async (node) => await node.pass()));
		for (const looks of looked) this.#looks += looks;
	}

	async #happen(event: (typeof EVENTS)[number][0]): Promise<void> {
		const id = this.#ids[Math.trunc(this.#random() * this.#ids.length)] ?? "";
		const own = this.#runtime.cells().find(({ instanceId }) => instanceId === id);
		if (event === "flip") return await this.#flip(id);
		if (event === "away") this.#awayUntilMs = this.#nowMs + AWAY_MS;
		if (event === "sleep") this.#sleep();
		if (event === "occupy") this.#occupy(toCellName(id, (own?.generation ?? 0) + 1));
		if (own === undefined) return;
		if (event === "crash") this.#runtime.crash(own.name, this.#random() < 0.2 ? FIGURES.configExitCode : 1);
		if (event === "sicken") this.#runtime.sicken(own.name);
		if (event === "steal") this.#runtime.steal(own.name);
	}

	#occupy(name: string): void {
		if (this.#runtime.occupy(name)) this.#occupied.add(name);
	}

	#sleep(): void {
		const node = this.#nodes[this.#random() < 0.5 ? 0 : 1];
		if (node?.sleep(this.#nowMs + SLEEP_MS) === true) this.#slept += 1;
	}

	async #flip(instanceId: string): Promise<void> {
		const target = { instanceId, nowMs: this.#nowMs };
		const chance = this.#random();
		if (chance < 0.4) await wishStopped(this.#db, target);
		else if (chance < 0.44) await wishDeleted(this.#db, target, { keptMs: KEPT_MS });
		else await wishRunning(this.#db, target, { deployMs: FIGURES.deployMs, isNew: chance > 0.8 });
	}

	#fault(): FakeFault | undefined {
		if (this.#isCalm) return undefined;
		if (this.#nowMs < this.#awayUntilMs) return "away";
		return this.#random() < FAULT ? FAULTS[Math.trunc(this.#random() * FAULTS.length)] : undefined;
	}

	#noteStart(instanceId: string | undefined, generation = 0): void {
		if (instanceId === undefined) return;
		this.#starts += 1;
		const running = this.#runtime
			.cells()
			.filter((cell) => cell.instanceId === instanceId && cell.state === "running");
		if (running.length > 1) this.#beside += 1;
		const newest = this.#newest.get(instanceId) ?? 0;
		if (generation < newest) this.#older += 1;
		this.#newest.set(instanceId, Math.max(newest, generation));
	}
}
