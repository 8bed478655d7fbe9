import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultKind } from "./fault-plan.ts";
import type { SoakWorld } from "./soak-world.ts";

/** Faults under way. */
export type Trouble = {
	/** Until the last planned fault has begun. */
	readonly begun: Promise<void>;
	/** What still holds ends now; resolves when everything is there again. @throws what a fault failed with */
	end(): Promise<void>;
	/** Planned faults that found nothing to strike, such as no node that may be killed. */
	readonly idle: readonly FaultKind[];
};

/** False when there was nothing to strike. */
type Strike = (world: SoakWorld, fault: Fault, hold: () => Promise<void>) => Promise<boolean>;

/** A node that boots is not killed: it would never do anything. */
const ALIVE_MS = 500;

const STRIKES: Readonly<Record<FaultKind, Strike>> = {
	"kill-app": async ({ fleet }) => await fleet.killOne(ALIVE_MS),
	async "kill-database"({ flow }) {
		await flow.cluster?.kill();
		await flow.cluster?.restart();
		return true;
	},
	async "freeze-app"(world, { draw }, hold) {
		const nodes = world.nodes();
		const node = nodes[Math.trunc(draw * nodes.length)];
		node?.freeze();
		await hold();
		node?.thaw();
		return node !== undefined;
	},
	async "black-hole"({ wire }, _, hold) {
		wire.setMode("black-hole");
		await hold();
		wire.setMode("pass");
		return true;
	},
	async "redis-down"({ redis }, { draw }, hold) {
		// Gone, or there and silent.
		if (draw < 0.5) {
			await redis?.kill();
			await hold();
			await redis?.restart();
		} else {
			redis?.freeze();
			await hold();
			redis?.thaw();
		}
		return redis !== undefined;
	},
	async "telegram-down"({ flow: { telegram } }, { draw }, hold) {
		telegram.setOutage(draw < 0.5 ? "refuse" : "bad-gateway");
		await hold();
		telegram.setOutage(undefined);
		return true;
	},
};

/** Lets every fault happen at its time. One kind at a time is the plan's promise; different kinds overlap. */
export function beginTrouble(world: SoakWorld, faults: readonly Fault[]): Trouble {
	const stopping = new AbortController();
	const { signal } = stopping;
	const pause = async (ms: number): Promise<void> => {
		await sleep(ms, undefined, { signal }).catch(() => undefined);
	};
	const running = new Set<Promise<void>>();
	const errors: unknown[] = [];
	const idle: FaultKind[] = [];

	async function run(fault: Fault): Promise<void> {
		try {
			const hasStruck = await STRIKES[fault.kind](world, fault, async () => await pause(fault.lastsMs));
			if (!hasStruck) idle.push(fault.kind);
		} catch (error) {
			errors.push(error);
		}
	}

	async function runAll(): Promise<void> {
		const startedAt = performance.now();
		for (const fault of faults) {
			await pause(Math.max(0, startedAt + fault.atMs - performance.now()));
			if (signal.aborted) return;
			const done = run(fault).finally(() => running.delete(done));
			running.add(done);
		}
	}

	const begun = runAll();
	return {
		begun,
		idle,
		async end() {
			stopping.abort();
			await begun;
			await Promise.all(running);
			if (errors.length > 0) throw new AggregateError(errors, "a fault could not be made");
		},
	};
}
