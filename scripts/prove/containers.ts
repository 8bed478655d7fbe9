import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isPodmanThere, whyNoPodman } from "../../core/instances/runtimes/docker/testing/podman.ts";
import type { Moment } from "./containers/engine-relay.ts";
import { ORDERS } from "./containers/engine-relay.ts";
import type { House } from "./containers/house.ts";
import { openHouse, START_MS } from "./containers/house.ts";
import type { Verdict } from "./containers/judge-house.ts";
import { findOpen, hasHands, judgeHouse } from "./containers/judge-house.ts";
import type { ProofNode } from "./containers/proof-node.ts";
import { startProofNode } from "./containers/proof-node.ts";
import type { Lives } from "./containers/read-lives.ts";
import { readLives } from "./containers/read-lives.ts";
import type { Strike, Struck } from "./containers/strike.ts";
import { empty, STRIKES, strike, toStruck } from "./containers/strike.ts";
import { findNextMs } from "./instances/history-rows.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createRandom } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { requireFitting } from "./testing/module-mutant.ts";

const RUNTIME = "core/instances/runtimes/docker";
const LONG = { instances: 20, small: 3, ticks: 90, strikesATick: 3, calmMs: 300_000 };
const SHORT = { instances: 4, small: 1, ticks: 20, strikesATick: 2, calmMs: 90_000 };
const TICK_MS_MAX = 10_000;
/** Containers take less time than this, but what waits for the dead does not. */
const CALM_TICK_MS = 5_000;
/** Longer than a lease, and than data is kept. */
const LEASE_MS = 120_000;
const PURGE_MS = 2_000_000;
/** Longer than a hand may be at work. */
const HANDS_MS_MAX = 60_000;
const HANDS_STEP_MS = 2_000;
const SHOWN_MAX = 3;
/** A node's at a step it has not died at yet, two passes of three, and an instance's end. */
const DEATH = 0.5;
const RARE = 0.2;

const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	/** A new cell is made and started while the one before it still runs. */
	"old-beside-new": [
		{ file: "core/instances/plan.ts", from: "if (old !== undefined)", to: 'if (old?.state === "exited")' },
		{
			file: "core/instances/plan.ts",
			from: "{ ...seen, cells: ours }",
			to: "{ ...seen, cells: ours.filter((one) => one.generation === state.generation) }",
		},
		{ file: `${RUNTIME}/make-cell.ts`, from: "await cells.requireNoneRuns(instanceId);", to: "" },
	],
	/** Whoever has such a name is taken for ours. */
	"adopts-strangers": [
		{
			file: `${RUNTIME}/container/container-state.ts`,
			from: "owned: names.read(Config.Labels)",
			to: 'owned: { instanceId: Name.slice(4, 40), generation: Number(Name.split("-g")[1]), role: "cell" as const }',
		},
	],
	/** What works on files for a moment is left behind. */
	"hands-left": [
		{
			file: `${RUNTIME}/files/hand.ts`,
			from: "await orMissing(container.remove({ force: true, v: true }));",
			to: "",
		},
	],
};

export const mutants: readonly string[] = isPodmanThere() ? Object.keys(EDITS) : [];

/**
 * Instances in real containers come to be what is wanted of them, however their containers are harmed, taken away or in the way,
 * their engine gone, their volumes full, and whichever step the node that made it died at; no two containers ever have one
 * volume, nobody else's are touched, and nothing is left over.
 */
export async function prove({ seed, seconds, mutant, isShort }: ProveOptions): Promise<ProveResult> {
	const why = whyNoPodman();
	if (why !== undefined) return { passed: false, isPoor: true, figures: { why } };
	const edits = EDITS[mutant ?? ""] ?? [];
	await requireFitting(edits);
	const size = isShort ? SHORT : LONG;
	const house = await openHouse(size);
	try {
		const run = new Run(house, createRandom(seed), size);
		await run.begin(edits);
		try {
			await run.chaos(seconds === undefined ? undefined : performance.now() + seconds * 1_000);
			await run.calm();
		} finally {
			await run.end();
		}
		return await run.judge(mutant);
	} finally {
		await house.close();
	}
}

class Run {
	readonly #house: House;
	readonly #random: () => number;
	readonly #size: typeof LONG;
	readonly #struck: Struck = toStruck();
	/** Steps at which a node has died: "start cell before". */
	readonly #died = new Set<string>();
	#nodes: readonly ProofNode[] = [];
	#nowMs = START_MS;
	#isDeadly = false;
	#hasDied = false;
	#looks = 0;
	#outages = 0;

	constructor(house: House, random: () => number, size: typeof LONG) {
		this.#house = house;
		this.#random = random;
		this.#size = size;
	}

	async begin(edits: readonly ModuleEdit[]): Promise<void> {
		const { url, host, podman, installation, base, scratch } = this.#house;
		const run = { url, host, subnets: podman.subnets, installation, base };
		const start = async (name: string): Promise<ProofNode> =>
			await startProofNode({
				...{ run, edits, enginePath: podman.socketPath, relayPath: join(scratch, name) },
				dieAt: (order) => this.#dieAt(order),
			});
		this.#nodes = [await start("one"), await start("two")];
	}

	async chaos(endsAtMs: number | undefined): Promise<void> {
		const { ticks, strikesATick } = this.#size;
		for (let tick = 0; ; tick += 1) {
			const isOver = endsAtMs === undefined ? tick >= ticks : performance.now() >= endsAtMs;
			if (isOver) return;
			for (let done = 0; tick > 1 && done < strikesATick; done += 1) await this.#strike();
			if (tick % 12 === 6) await this.#outage(tick % 24 === 6);
			this.#nowMs += Math.trunc(500 + this.#random() * TICK_MS_MAX);
			// What a dead node had is anybody's.
			if (this.#hasDied) this.#nowMs += LEASE_MS;
			this.#isDeadly = tick % 3 !== 2;
			await this.#pass();
		}
	}

	/** Nothing breaks any more. */
	async calm(): Promise<void> {
		const { db, ids } = this.#house;
		this.#isDeadly = false;
		for (const id of ids) await empty(this.#house, this.#struck, id);
		this.#nowMs += LEASE_MS;
		const endsAtMs = performance.now() + this.#size.calmMs;
		while (performance.now() < endsAtMs) {
			await this.#pass();
			const open = await findOpen(this.#house);
			for (const { id, desired, phase } of open) {
				if (desired !== "running" || phase !== "failed") continue;
				await strike(this.#house, this.#struck, "run", id, this.#nowMs);
			}
			if (open.length === 0) break;
			const openIds = open.map(({ id }) => id);
			this.#nowMs = Math.max(this.#nowMs + CALM_TICK_MS, (await findNextMs(db, openIds)) ?? 0);
		}
		await this.#outliveHands();
		// What was deleted is not kept for ever.
		this.#nowMs += PURGE_MS;
		for (let tick = 0; tick < 4; tick += 1) await this.#pass();
	}

	/** What a dead node left at work is taken for left only once it is old, by the engine's own clock, which nobody turns here. */
	async #outliveHands(): Promise<void> {
		const endsAtMs = performance.now() + HANDS_MS_MAX;
		while (performance.now() < endsAtMs && (await hasHands(this.#house))) {
			await sleep(HANDS_STEP_MS);
			this.#nowMs += LEASE_MS;
			await this.#pass();
		}
	}

	async judge(mutant: string | undefined): Promise<ProveResult> {
		const { podman, ids } = this.#house;
		const verdict = await judgeHouse(this.#house, this.#struck);
		const lives = await readLives(podman, new Set(this.#struck.strangers.keys()));
		if (mutant === undefined) show({ ...verdict, beside: lives.beside });
		const deaths = this.#nodes.reduce((sum, node) => sum + node.deaths(), 0);
		const figures = {
			instances: ids.length,
			...toFigures(verdict, lives),
			...{ looks: this.#looks, outages: this.#outages, deaths },
			steps: `${this.#died.size} of ${2 * ORDERS.length}`,
			undied: toUndied(this.#died),
			struck: Object.fromEntries(this.#struck.counts),
		};
		const isSound = Object.values(toFigures(verdict, { ...lives, starts: 0 })).every((count) => count === 0);
		const isRich = lives.starts >= ids.length && deaths > 0 && this.#outages > 0;
		return { passed: isSound && isRich, isPoor: isSound && !isRich, figures };
	}

	async end(): Promise<void> {
		for (const node of this.#nodes) await node.close();
	}

	/** Both at once. */
	async #pass(): Promise<void> {
		this.#hasDied = false;
		const looked = await Promise.all(this.#nodes.map(async (node) => await node.pass(this.#nowMs)));
		for (const looks of looked) this.#looks += looks;
	}

	/** A node dies once at each step, one node a tick, while things break. */
	#dieAt(order: string): Moment | undefined {
		if (!this.#isDeadly || this.#hasDied || this.#random() > DEATH) return undefined;
		for (const moment of ["before", "after"] as const) {
			const step = `${order} ${moment}`;
			if (this.#died.has(step)) continue;
			this.#died.add(step);
			this.#hasDied = true;
			return moment;
		}
		return undefined;
	}

	async #strike(): Promise<void> {
		const { ids, small } = this.#house;
		const kind: Strike = STRIKES[Math.trunc(this.#random() * STRIKES.length)] ?? "run";
		// What is gone cannot be harmed.
		if (kind === "delete" && this.#random() > RARE) return;
		const among = kind === "fill" || kind === "empty" ? [...small.keys()] : ids;
		const id = among[Math.trunc(this.#random() * among.length)];
		if (id !== undefined) await strike(this.#house, this.#struck, kind, id, this.#nowMs);
	}

	/** The engine's service is gone, or hangs, for a pass. */
	async #outage(isGone: boolean): Promise<void> {
		const { podman } = this.#house;
		this.#outages += 1;
		if (isGone) await podman.kill();
		else await podman.freeze();
		this.#nowMs += 20_000;
		await this.#pass();
		if (isGone) await podman.restart();
		else podman.thaw();
	}
}

function toFigures({ unsettled, orphans, touched, lost }: Verdict, { starts, beside }: Lives) {
	return {
		...{ beside: beside.length, unsettled: unsettled.length, orphans: orphans.length },
		...{ touched: touched.length, lost: lost.length, starts },
	};
}

function toUndied(died: ReadonlySet<string>): readonly string[] {
	return ORDERS.flatMap((order) => [`${order} before`, `${order} after`]).filter((step) => !died.has(step));
}

function show(lists: Readonly<Record<string, readonly string[]>>): void {
	for (const [name, list] of Object.entries(lists))
		for (const one of list.slice(0, SHOWN_MAX)) console.error(`${name}: ${one}`);
}
