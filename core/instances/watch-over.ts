import type { Cell, Health } from "./cell.ts";
import type { Moment, Plan } from "./decision.ts";
import { askToEnd } from "./ending.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceState } from "./instance.ts";
import { spread } from "./waits.ts";
import type { Watch } from "./watch.ts";

/** How a cell that runs is doing. */
type Verdict =
	/** On its way, or not any more within its time. */
	| { readonly kind: "coming" | "late"; readonly why: string }
	/** It was there and does not answer. */
	| { readonly kind: "missed"; readonly why: string }
	/** It works, for the greater part or all of it. */
	| { readonly kind: "partly"; readonly why: string }
	| { readonly kind: "well" };

/** A cell that runs: is it up, does it answer, is its configuration the present one. */
export function watchOver(
	state: InstanceState,
	cell: Cell,
	health: Health | undefined,
	moment: Moment,
): Plan {
	const { nowMs } = moment;
	const { generation } = state;
	// Somebody else started it, or we did and died before we could note it.
	const startedAt = state.watch.startedAt ?? nowMs;
	const watch: Watch = { ...state.watch, startedAt };
	const seen: InstanceState = { ...state, watch };
	const nextAtMs = nowMs + FIGURES.busyMs;
	if (watch.stoppingAt !== undefined) {
		return { ...askToEnd(watch, cell, nowMs), phase: "starting", generation, nextAtMs, notes: [] };
	}
	const verdict = judge(seen, health, nowMs - startedAt);
	if (verdict.kind === "late") return restart(seen, cell, verdict.why, moment);
	if (verdict.kind === "missed") return noteMiss(seen, cell, verdict.why, moment);
	if (health?.isStarted === true && state.configWritten < state.configVersion) {
		// It takes new files while it runs: nothing has to be waited for.
		return {
			action: { kind: "configure" },
			phase: state.phase,
			watch,
			generation,
			nextAtMs: nowMs,
			notes: [],
		};
	}
	if (verdict.kind === "well") return planReady(seen, moment);
	if (verdict.kind === "partly") return planPartly(seen, verdict.why, moment);
	const coming: Watch = { ...watch, why: verdict.why };
	return { phase: "starting", watch: coming, generation, nextAtMs, notes: [] };
}

function judge(state: InstanceState, health: Health | undefined, ageMs: number): Verdict {
	const isUp = health?.isLive === true && health.isStarted;
	if (!hasBeenUp(state)) {
		if (!isUp) return { kind: ageMs >= FIGURES.startMs ? "late" : "coming", why: toWhy(health) };
		if (health.isReady) return { kind: "well" };
		if (ageMs < FIGURES.readyMs) return { kind: "coming", why: toWhy(health) };
		// While somebody waits for it, half of it is not enough; later it is better than nothing.
		return { kind: state.deployUntilMs === undefined ? "partly" : "late", why: toWhy(health) };
	}
	if (!isUp) return { kind: "missed", why: toWhy(health) };
	return health.isReady ? { kind: "well" } : { kind: "partly", why: toWhy(health) };
}

function hasBeenUp({ watch, phase }: InstanceState): boolean {
	return watch.readyAt !== undefined || phase === "degraded";
}

function toWhy(health: Health | undefined): string {
	return health?.why ?? (health?.isLive === true ? "not all of it works" : "it does not answer");
}

function planReady(state: InstanceState, { nowMs, jitter }: Moment): Plan {
	const { why: _, notBefore: __, ...watch } = state.watch;
	const readyAt = watch.readyAt ?? nowMs;
	const isWell = nowMs - readyAt >= FIGURES.wellMs;
	return {
		phase: "ready",
		watch: { ...watch, readyAt, misses: 0, ...(isWell && { fails: 0, restarts: [], recreations: [] }) },
		generation: state.generation,
		isDeployed: true,
		nextAtMs: nowMs + spread(FIGURES.healthMs, jitter),
		notes: state.phase === "ready" ? [] : [{ kind: "ready" }],
	};
}

/** A channel of its own that is broken is no reason to end what works. */
function planPartly(state: InstanceState, why: string, { nowMs, jitter }: Moment): Plan {
	const { readyAt: _, ...watch } = state.watch;
	return {
		phase: "degraded",
		watch: { ...watch, misses: 0, why },
		generation: state.generation,
		nextAtMs: nowMs + spread(FIGURES.healthMs, jitter),
		notes: state.phase === "degraded" ? [] : [{ kind: "degraded", why }],
	};
}

function noteMiss(state: InstanceState, cell: Cell, why: string, moment: Moment): Plan {
	const { nowMs, jitter } = moment;
	const { generation } = state;
	const misses = state.watch.misses + 1;
	if (misses >= FIGURES.missesMax) return restart(state, cell, why, moment);
	const phase = state.phase === "unknown" ? "starting" : state.phase;
	const nextAtMs = nowMs + spread(FIGURES.healthMs, jitter);
	return { phase, watch: { ...state.watch, misses, why }, generation, nextAtMs, notes: [] };
}

/** Ends a cell that runs and does not work; once it has ended it is a setback like any other. */
function restart(state: InstanceState, cell: Cell, why: string, { nowMs }: Moment): Plan {
	return {
		action: { kind: "stop", cell: cell.name },
		phase: "starting",
		watch: { ...state.watch, stoppingAt: nowMs, misses: 0, why },
		generation: state.generation,
		nextAtMs: nowMs + FIGURES.busyMs,
		notes: [{ kind: "ended", why }],
	};
}
