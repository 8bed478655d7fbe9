import { planAfterFailure } from "./after-failure.ts";
import type { Cell, Observation, Release } from "./cell.ts";
import { toCellName } from "./cell.ts";
import type { Moment, Note, Plan } from "./decision.ts";
import { endCell, planDeleted, planStopped } from "./ending.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceState, Phase } from "./instance.ts";
import { toSetback } from "./setback.ts";
import { spread } from "./waits.ts";
import type { Watch } from "./watch.ts";
import { watchOver } from "./watch-over.ts";

type Seen = Extract<Observation, { kind: "seen" }>;

/**
 * What is to be done with an instance, from what is wanted and what was seen. Pure. Whatever was done before, and whoever died
 * in the midst of it, is in what was seen.
 *
 * A cell of another generation than the present one is ended and removed before anything else is done: two cells never share
 * the data of an instance.
 */
export function planInstance(state: InstanceState, seen: Observation, moment: Moment): Plan {
	if (seen.kind === "away") return planAway(state, seen.why, moment);
	const { awayAt: _, ...watch } = state.watch;
	const back: InstanceState = { ...state, watch };
	const ours = seen.cells.filter(({ instanceId }) => instanceId === state.id);
	const old = ours.find(({ generation }) => generation !== state.generation);
	if (old !== undefined)
		return endCell(back, old, moment, state.desired === "deleted" ? "deleting" : "creating");
	const name = toCellName(state.id, state.generation);
	const isTaken = seen.cells.some((cell) => cell.name === name && cell.instanceId !== state.id);
	const [cell] = ours;
	if (state.desired === "deleted") return planDeleted(back, cell, moment);
	if (state.desired === "stopped" || state.phase === "failed") return planStopped(back, cell, moment);
	if (isTaken) return planElsewhere(back, name, moment);
	return planRunning(back, { ...seen, cells: ours }, moment);
}

/** Nobody can say what is there: nothing is done, and what runs goes on running. */
function planAway(state: InstanceState, why: string, { nowMs, jitter }: Moment): Plan {
	const { awayAt = nowMs } = state.watch;
	const watch: Watch = { ...state.watch, awayAt };
	const isLong = nowMs - awayAt >= FIGURES.awayMs;
	// A deletion does not become something else because it has to wait.
	const phase = isLong && state.desired !== "deleted" ? "unknown" : state.phase;
	const notes: readonly Note[] = phase !== state.phase ? [{ kind: "unknown", why }] : [];
	const nextAtMs = nowMs + spread(FIGURES.healthMs, jitter);
	return { phase, watch, generation: state.generation, nextAtMs, notes };
}

/** Another has the name: he is left alone, and we take the next one. */
function planElsewhere(state: InstanceState, name: string, { nowMs }: Moment): Plan {
	return {
		...{ phase: "creating", watch: state.watch, generation: state.generation + 1 },
		...{ nextAtMs: nowMs + FIGURES.busyMs, notes: [{ kind: "name-taken", why: name }] },
	};
}

function planRunning(state: InstanceState, seen: Seen, moment: Moment): Plan {
	const { nowMs } = moment;
	const { generation, watch, deployUntilMs } = state;
	if (deployUntilMs !== undefined && nowMs >= deployUntilMs) {
		const why = watch.why ?? "it was not ready in time";
		return {
			...{ phase: "failed", watch, generation, isDeployed: true },
			...{ nextAtMs: nowMs + FIGURES.busyMs, notes: [{ kind: "failed", why }] },
		};
	}
	const [cell] = seen.cells;
	if (cell?.state === "running") return watchOver(state, cell, seen.health, moment);
	if (cell?.state === "exited" && watch.startedAt !== undefined) return planEnded(state, cell, moment);
	const { stoppingAt: _, ...going } = watch;
	const waitMs = (watch.notBefore ?? 0) - nowMs;
	const phase: Phase =
		state.phase === "crashloop" ? "crashloop" : cell === undefined ? "creating" : "starting";
	const soon = { phase, watch: going, generation, notes: [] };
	if (waitMs > 0) return { ...soon, nextAtMs: nowMs + Math.min(waitMs, FIGURES.restMs) };
	const nextAtMs = nowMs + FIGURES.busyMs;
	if (cell === undefined) {
		return onceThere({ ...soon, action: { kind: "create" }, nextAtMs }, seen.release, moment);
	}
	if (state.configWritten < state.configVersion) return { ...soon, action: { kind: "configure" }, nextAtMs };
	const { readyAt: __, ...fresh } = going;
	const watched: Watch = { ...fresh, startedAt: nowMs, misses: 0 };
	const start: Plan = { ...soon, action: { kind: "start" }, watch: watched, nextAtMs };
	return onceThere(start, seen.release, moment);
}

/** A cell is made, and started, of what is there: it may have gone since, and a node that has just begun does not know yet. */
function onceThere(plan: Plan, release: Release | undefined, moment: Moment): Plan {
	if (release === undefined || release.kind === "there") return plan;
	if (release.kind === "failed") return withoutAction(planAfterFailure(plan, release.why, moment));
	const { startedAt: _, ...watch } = plan.watch;
	return withoutAction({ ...plan, watch: { ...watch, why: release.why } });
}

function withoutAction({ action: _, ...plan }: Plan): Plan {
	return plan;
}

/** It ended by itself. What it says of its configuration is believed once: mending it may help, trying again does not. */
function planEnded(state: InstanceState, cell: Cell, moment: Moment): Plan {
	const { generation, watch } = state;
	const { startedAt: _, readyAt: __, stoppingAt: ___, ...rest } = watch;
	const ended: InstanceState = { ...state, watch: rest };
	if (watch.stoppingAt !== undefined) return toSetback(ended, { why: watch.why, isAsked: true }, moment);
	const why = toWhy(cell);
	if (cell.exitCode !== FIGURES.configExitCode) return toSetback(ended, { why, isAsked: false }, moment);
	const nextAtMs = moment.nowMs + FIGURES.busyMs;
	if (watch.mended !== generation) {
		const mended: Watch = { ...rest, mended: generation, why };
		const notes: readonly Note[] = [{ kind: "ended", why }];
		return { action: { kind: "mend" }, phase: "starting", watch: mended, generation, nextAtMs, notes };
	}
	return {
		...{ phase: "failed", watch: { ...rest, why }, generation, isDeployed: true, nextAtMs },
		notes: [{ kind: "failed", why }],
	};
}

function toWhy({ exitCode, isOutOfMemory }: Cell): string {
	if (isOutOfMemory === true) return "it needed more memory than it may have";
	if (exitCode === FIGURES.configExitCode) return "it cannot take its configuration";
	return exitCode === undefined ? "it ended" : `it ended with ${exitCode}`;
}
