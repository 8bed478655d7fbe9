import { describe, expect, test } from "@jest/globals";
import { planAfterFailure } from "./after-failure.ts";
import type { Cell, Health, Observation } from "./cell.ts";
import { toCellName } from "./cell.ts";
import type { Plan } from "./decision.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceState } from "./instance.ts";
import { toStatus } from "./instance.ts";
import { planInstance } from "./plan.ts";
import { NEW_WATCH } from "./watch.ts";

const ID = "a5d9ec77-8e29-4d88-8383-2f251f02e5f7";
const NOW = 1_900_000_000_000;
const WELL: Health = { isLive: true, isStarted: true, isReady: true };
const MUTE: Health = { isLive: false, isStarted: false, isReady: false };
const HALF: Health = { isLive: true, isStarted: true, isReady: false, why: "telegram is away" };

function toState(more: Partial<InstanceState> = {}): InstanceState {
	return {
		...{ id: ID, desired: "running", phase: "none", generation: 2, configVersion: 1, configWritten: 1 },
		...{ deployUntilMs: undefined, purgeAtMs: undefined, watch: NEW_WATCH },
		...more,
	};
}

function toCell(state: Cell["state"], more: Partial<Cell> = {}): Cell {
	return { name: toCellName(ID, 2), instanceId: ID, generation: 2, state, ...more };
}

function seen(cells: readonly Cell[], health?: Health): Observation {
	return { kind: "seen", cells, health };
}

function plan(state: InstanceState, observation: Observation, nowMs = NOW): Plan {
	return planInstance(state, observation, { nowMs, jitter: 0 });
}

/** Looks again and again, with the same answer of the runtime, and does nothing. */
function planAgain(
	first: InstanceState,
	toSeen: (state: InstanceState) => Observation,
	looks: number,
): readonly Plan[] {
	const plans: Plan[] = [];
	let state = first;
	let nowMs = NOW;
	for (let look = 0; look < looks; look += 1) {
		const { phase, watch, generation, nextAtMs, ...rest } = plan(state, toSeen(state), nowMs);
		plans.push({ phase, watch, generation, nextAtMs, ...rest });
		state = { ...state, phase, watch, generation };
		nowMs = nextAtMs;
	}
	return plans;
}

describe("an instance that is to run", () => {
	test("is created, configured, started, and is ready once it says so", () => {
		const fresh = toState({ configWritten: 0 });
		expect(plan(fresh, seen([])).action).toEqual({ kind: "create" });
		expect(plan(fresh, seen([toCell("created")])).action).toEqual({ kind: "configure" });
		const started = plan(toState(), seen([toCell("created")]));
		expect(started).toMatchObject({
			action: { kind: "start" },
			phase: "starting",
			watch: { startedAt: NOW },
		});
		const up = toState({ phase: "starting", watch: started.watch });
		expect(plan(up, seen([toCell("running")], MUTE))).toMatchObject({ phase: "starting", notes: [] });
		const ready = plan(up, seen([toCell("running")], WELL));
		expect(ready).toMatchObject({ phase: "ready", isDeployed: true, notes: [{ kind: "ready" }] });
		expect(ready.action).toBeUndefined();
	});

	test("waits for what it is made of, and tries again where that does not come", () => {
		const coming = { ...seen([]), release: { kind: "coming", why: "40 %" } } as Observation;
		expect(plan(toState(), coming)).toMatchObject({ phase: "creating", watch: { why: "40 %", fails: 0 } });
		expect(plan(toState(), coming).action).toBeUndefined();
		const failed = { ...seen([]), release: { kind: "failed", why: "no such image" } } as Observation;
		const tried = plan(toState(), failed);
		expect(tried).toMatchObject({ watch: { why: "no such image", fails: 1, notBefore: NOW + 5_000 } });
		expect(tried.action).toBeUndefined();
	});

	test("is not started by a node that has not got what it is made of", () => {
		const made = { ...seen([toCell("created")]), release: { kind: "coming", why: "40 %" } } as Observation;
		const waiting = plan(toState(), made);
		expect(waiting).toMatchObject({ phase: "starting", watch: { why: "40 %", fails: 0 } });
		expect(waiting.action).toBeUndefined();
		expect(waiting.watch.startedAt).toBeUndefined();
	});

	test("is given up when its deadline is over, and what is left of it is taken away", () => {
		const late = toState({ deployUntilMs: NOW, watch: { ...NEW_WATCH, why: "no such image" } });
		expect(plan(late, seen([toCell("running")], MUTE))).toMatchObject({
			phase: "failed",
			isDeployed: true,
			notes: [{ kind: "failed", why: "no such image" }],
		});
		const failed = toState({ phase: "failed" });
		expect(plan(failed, seen([toCell("running")])).action).toMatchObject({ kind: "stop" });
		expect(plan(failed, seen([toCell("exited")])).action).toMatchObject({ kind: "remove" });
		expect(plan(failed, seen([]))).toMatchObject({ phase: "failed", notes: [] });
		expect(toStatus({ ...failed, deployUntil: undefined })).toBe("ERROR");
	});

	test("never has a second cell beside one of an older generation", () => {
		const old = { name: toCellName(ID, 1), generation: 1 };
		const own = toCell("created");
		expect(plan(toState(), seen([own, toCell("running", old)])).action).toEqual({
			kind: "stop",
			cell: old.name,
		});
		expect(plan(toState(), seen([toCell("exited", old)])).action).toEqual({ kind: "remove", cell: old.name });
	});

	test("leaves alone whoever has its name, and takes the next one", () => {
		const stranger: Cell = {
			name: toCellName(ID, 2),
			instanceId: undefined,
			generation: undefined,
			state: "running",
		};
		const elsewhere = plan(toState(), seen([stranger]));
		expect(elsewhere).toMatchObject({ generation: 3, notes: [{ kind: "name-taken" }] });
		expect(elsewhere.action).toBeUndefined();
	});

	test("that went away with its runtime is unknown after a minute, and nothing is done", () => {
		const away: Observation = { kind: "away", why: "no socket" };
		const plans = planAgain(toState({ phase: "ready" }), () => away, 6);
		expect(plans.every(({ action }) => action === undefined)).toBe(true);
		expect(plans.map(({ phase }) => phase)).toEqual([
			"ready",
			"ready",
			"ready",
			"ready",
			"unknown",
			"unknown",
		]);
		expect(plans.flatMap(({ notes }) => notes)).toHaveLength(1);
	});
});

describe("an instance that does not work", () => {
	const running = {
		phase: "ready",
		watch: { ...NEW_WATCH, startedAt: NOW - 60_000, readyAt: NOW - 50_000 },
	} as const;

	test("is restarted after four looks without an answer, and ended by force where it does not end", () => {
		const plans = planAgain(toState(running), () => seen([toCell("running")], MUTE), 40);
		const actions = plans.flatMap(({ action }) => (action === undefined ? [] : [action.kind]));
		expect(actions.slice(0, 2)).toEqual(["stop", "kill"]);
		expect(plans.findIndex(({ action }) => action !== undefined)).toBe(3);
	});

	test("is not restarted where a part of it works", () => {
		const plans = planAgain(toState(running), () => seen([toCell("running")], HALF), 30);
		expect(plans.every(({ action, phase }) => action === undefined && phase === "degraded")).toBe(true);
		expect(plans.flatMap(({ notes }) => notes)).toEqual([{ kind: "degraded", why: HALF.why }]);
	});

	test("is started again after a while, then made anew, then tried ever more rarely; it is told once", () => {
		let isStarted = true;
		const plans = planAgain(
			toState(running),
			({ watch, generation }) => {
				// Ends as soon as it is started.
				isStarted = watch.startedAt !== undefined;
				const name = toCellName(ID, generation);
				return seen([toCell(isStarted ? "exited" : "created", { name, generation, exitCode: 1 })]);
			},
			400,
		);
		const told = plans
			.flatMap(({ notes }) => notes.map(({ kind }) => kind))
			.filter((kind) => kind !== "ended");
		expect(told.slice(0, 5)).toEqual(["restarted", "restarted", "restarted", "recreated", "restarted"]);
		expect(told.filter((kind) => kind === "crashloop").length).toBeGreaterThan(0);
		const waits = plans
			.map(({ watch }) => watch.notBefore ?? 0)
			.filter((at, index, all) => at > (all[index - 1] ?? 0));
		expect(waits[0]).toBe(NOW + FIGURES.backoffMs);
		const longest = Math.max(...waits.slice(1).map((at, index) => at - (waits[index] ?? 0)));
		expect(longest).toBeLessThanOrEqual(FIGURES.crashloopMs + FIGURES.backoffMsMax + FIGURES.restMs);
	});

	test("has its configuration mended once, and is given up when that does not help", () => {
		const broken = seen([toCell("exited", { exitCode: FIGURES.configExitCode })]);
		const first = plan(toState(running), broken);
		expect(first).toMatchObject({ action: { kind: "mend" }, watch: { mended: 2 } });
		const again = toState({ phase: "starting", watch: { ...first.watch, startedAt: NOW } });
		expect(plan(again, broken)).toMatchObject({ phase: "failed", notes: [{ kind: "failed" }] });
	});

	test("forgets its failures once it has been well for ten minutes", () => {
		const watch = { ...running.watch, fails: 4, restarts: [NOW], readyAt: NOW - FIGURES.wellMs };
		const well = plan(toState({ ...running, watch }), seen([toCell("running")], WELL));
		expect(well.watch).toMatchObject({ fails: 0, restarts: [] });
	});
});

describe("an instance that is not to run", () => {
	test("is asked to end, and rests with its cell", () => {
		const wanted = toState({ desired: "stopped", phase: "ready" });
		expect(plan(wanted, seen([toCell("running")], WELL))).toMatchObject({
			action: { kind: "stop" },
			phase: "stopping",
		});
		const rested = plan({ ...wanted, phase: "stopping" }, seen([toCell("exited", { exitCode: 0 })]));
		expect(rested).toMatchObject({ phase: "stopped", notes: [{ kind: "stopped" }] });
		expect(rested.action).toBeUndefined();
	});

	test("is gone when nothing of it is left, and its data goes when its time is over and not before", () => {
		const deleted = toState({ desired: "deleted", phase: "stopped", purgeAtMs: NOW + 1_000 });
		expect(plan(deleted, seen([toCell("exited")])).action).toMatchObject({ kind: "remove" });
		const gone = plan(deleted, seen([]));
		expect(gone).toMatchObject({ phase: "gone", nextAtMs: NOW + 1_000, notes: [{ kind: "gone" }] });
		expect(gone.action).toBeUndefined();
		const purged = plan({ ...deleted, phase: "gone" }, seen([]), NOW + 1_000);
		expect(purged).toMatchObject({
			action: { kind: "purge" },
			phase: "purged",
			nextAtMs: Number.POSITIVE_INFINITY,
		});
		expect(planAfterFailure(purged, "disk", { nowMs: NOW, jitter: 0 })).toMatchObject({
			phase: "gone",
			notes: [],
		});
	});
});
