import type { Cell } from "./cell.ts";
import type { Moment, Note, Plan } from "./decision.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceState, Phase } from "./instance.ts";
import { spread } from "./waits.ts";
import type { Watch } from "./watch.ts";

/** Asks it to end, ends it where it does not, and takes it away. */
export function endCell(state: InstanceState, cell: Cell, { nowMs }: Moment, phase: Phase): Plan {
	const { generation, watch } = state;
	const nextAtMs = nowMs + FIGURES.busyMs;
	if (cell.state !== "running") {
		const { stoppingAt: _, ...rest } = watch;
		return {
			action: { kind: "remove", cell: cell.name },
			phase,
			watch: rest,
			generation,
			nextAtMs,
			notes: [],
		};
	}
	return { ...askToEnd(watch, cell, nowMs), phase, generation, nextAtMs, notes: [] };
}

export function askToEnd(
	watch: Watch,
	cell: Cell,
	nowMs: number,
): Pick<Plan, "watch"> & Partial<Pick<Plan, "action">> {
	if (watch.stoppingAt === undefined) {
		return { action: { kind: "stop", cell: cell.name }, watch: { ...watch, stoppingAt: nowMs } };
	}
	if (nowMs - watch.stoppingAt < FIGURES.stopMs) return { watch };
	return { action: { kind: "kill", cell: cell.name }, watch };
}

export function planDeleted(state: InstanceState, cell: Cell | undefined, moment: Moment): Plan {
	if (cell !== undefined) return endCell(state, cell, moment, "deleting");
	const { nowMs, jitter } = moment;
	const { generation, watch, phase, purgeAtMs } = state;
	if (phase === "purged") return { phase, watch, generation, nextAtMs: Number.POSITIVE_INFINITY, notes: [] };
	if (purgeAtMs !== undefined && nowMs >= purgeAtMs) {
		// Seen to be gone at an earlier look: done twice, it is as if it were done once.
		return {
			...{ action: { kind: "purge" }, phase: "purged", watch, generation },
			...{ nextAtMs: Number.POSITIVE_INFINITY, notes: [{ kind: "purged" }] },
		};
	}
	const { goneAt = nowMs } = watch;
	const restMs = nowMs - goneAt < FIGURES.goneMs ? FIGURES.restMs : FIGURES.goneRestMs;
	const nextAtMs = Math.min(purgeAtMs ?? Number.POSITIVE_INFINITY, nowMs + spread(restMs, jitter));
	const notes: readonly Note[] = phase === "gone" ? [] : [{ kind: "gone" }];
	return { phase: "gone", watch: { ...watch, goneAt }, generation, nextAtMs, notes };
}

/** Its cell stays, to be started again; that of one that was given up goes. */
export function planStopped(state: InstanceState, cell: Cell | undefined, moment: Moment): Plan {
	const { generation, watch, phase } = state;
	const { nowMs, jitter } = moment;
	const isGivenUp = state.desired === "running";
	if (isGivenUp && cell !== undefined) return endCell(state, cell, moment, "failed");
	if (cell?.state === "running") {
		const nextAtMs = nowMs + FIGURES.busyMs;
		return { ...askToEnd(watch, cell, nowMs), phase: "stopping", generation, nextAtMs, notes: [] };
	}
	const { stoppingAt: _, startedAt: __, readyAt: ___, ...rest } = watch;
	const told = isGivenUp ? "failed" : "stopped";
	const notes: readonly Note[] = isGivenUp || phase === "stopped" ? [] : [{ kind: "stopped" }];
	const nextAtMs = nowMs + spread(FIGURES.restMs, jitter);
	return { phase: told, watch: rest, generation, isDeployed: true, nextAtMs, notes };
}
