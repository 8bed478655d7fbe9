import type { AppNode } from "../testing/start-app-node.ts";
import { startAppNode } from "../testing/start-app-node.ts";

/** A few nodes over one database, each replaced as soon as it is gone, as a supervisor would; and spares that have loaded. */
export type Fleet = {
	/** Of nodes that take requests. */
	readonly urls: readonly string[];
	/**
	 * SIGKILL for the one that has taken requests for the longest. False when that is less than `aliveMs`, or no other would be
	 * left: on a machine too slow to boot nodes that fast they would all die before they did anything.
	 */
	killOne(aliveMs: number): Promise<boolean>;
	/** Until every spare has loaded. */
	untilSpared(): Promise<void>;
	/** Until so many take requests. @throws Error when they do not within `boundMs` */
	untilUp(count: number, boundMs?: number): Promise<void>;
	/** Nodes that take requests. */
	readonly up: readonly AppNode[];
	/** Nodes that ended although nobody killed them, with their last words. */
	readonly failures: readonly string[];
	/** Those of the failures that had been up: what ends a node that cannot boot is no fault of its own. */
	readonly crashes: readonly string[];
	/** Ends all of them for good, as a deployment does or at once. */
	stop(how: "gently" | "at once"): Promise<void>;
};

export type FleetOptions = {
	readonly size: number;
	readonly spares: number;
	/** Of the n-th node. */
	readonly env: (number: number) => Readonly<Record<string, string>>;
	readonly flags?: readonly string[];
};

type Slot = { node: AppNode; url: string | undefined; upSince: number; isDoomed: boolean };

/** A node that cannot boot, as while the database is away, is tried again this much later. */
const RESTART_MS = 600;
const UP_MS = 60_000;
const STEP_MS = 10;

export function startFleet({ size, spares, env, flags = [] }: FleetOptions): Fleet {
	let isStopping = false;
	const failures: string[] = [];
	const crashes: string[] = [];
	const reserve = keepSpares(spares, (number) => startAppNode({ env: env(number), flags, isSpare: true }));
	const { take } = reserve;

	function watch(slot: Slot): void {
		const { node } = slot;
		node.ready.then(
			({ url }) => {
				if (slot.node !== node) return;
				slot.url = url;
				slot.upSince = performance.now();
			},
			() => undefined,
		);
		void node.ended.then(async (how) => {
			const wasUp = slot.url !== undefined;
			slot.url = undefined;
			if (isStopping) return;
			if (!slot.isDoomed) {
				const words = `${how}: ${node.errors().trim().slice(-300)}`;
				failures.push(words);
				if (wasUp) crashes.push(words);
				await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
			}
			if (isStopping) return;
			slot.isDoomed = false;
			slot.node = take();
			watch(slot);
		});
	}

	const slots = Array.from({ length: size }, (): Slot => {
		const slot: Slot = { node: take(), url: undefined, upSince: 0, isDoomed: false };
		watch(slot);
		return slot;
	});
	const up = (): readonly Slot[] => slots.filter(({ url }) => url !== undefined);

	return {
		get urls() {
			return up().flatMap(({ url }) => url ?? []);
		},
		get up() {
			return up().map(({ node }) => node);
		},
		failures,
		crashes,
		async killOne(aliveMs) {
			const [slot, another] = [...up()].sort((one, other) => one.upSince - other.upSince);
			if (slot === undefined || (another === undefined && size > 1)) return false;
			if (performance.now() - slot.upSince < aliveMs) return false;
			slot.isDoomed = true;
			slot.url = undefined;
			await slot.node.kill();
			return true;
		},
		untilSpared: reserve.untilFull,
		async untilUp(count, boundMs = UP_MS) {
			const end = performance.now() + boundMs;
			while (up().length < count) {
				if (performance.now() > end)
					throw new Error(`only ${up().length} of ${count} nodes are up: ${failures.at(-1)}`);
				await new Promise((resolve) => setTimeout(resolve, STEP_MS));
			}
		},
		async stop(how) {
			isStopping = true;
			await reserve.stop();
			await Promise.all(slots.map(async ({ node }) => await (how === "gently" ? node.stop() : node.kill())));
		},
	};
}

/** Nodes that have loaded and wait for their turn. */
function keepSpares(count: number, load: (number: number) => AppNode) {
	const waiting: AppNode[] = [];
	let loaded = 0;
	let isStopping = false;
	let filling: Promise<void> | undefined;

	function loadNext(): AppNode {
		loaded += 1;
		return load(loaded);
	}

	/** One after the other: nodes that work have the machine. */
	async function fill(): Promise<void> {
		while (waiting.length < count && !isStopping) {
			const node = loadNext();
			waiting.push(node);
			await node.loaded;
		}
		filling = undefined;
	}

	return {
		take(): AppNode {
			const node = waiting.shift() ?? loadNext();
			node.begin();
			if (filling === undefined) filling = fill();
			return node;
		},
		async untilFull(): Promise<void> {
			while (filling !== undefined) await filling;
		},
		async stop(): Promise<void> {
			isStopping = true;
			await Promise.all(waiting.map(async (node) => await node.kill()));
		},
	};
}
