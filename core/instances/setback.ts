import type { Moment, Note, Plan } from "./decision.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceState } from "./instance.ts";
import { toBackoffMs } from "./waits.ts";
import type { Watch } from "./watch.ts";

/**
 * What follows when an instance has ended though it should run: started again after a while; after some of that made anew,
 * in a new cell over the same data; after some of that tried ever more rarely.
 */
export function toSetback(
	state: InstanceState,
	/** isAsked: we ended it because it did not work. */
	end: { readonly why: string | undefined; readonly isAsked: boolean },
	{ nowMs, jitter }: Moment,
): Plan {
	const { generation } = state;
	const { why = "it ended", isAsked } = end;
	const fails = state.watch.fails + 1;
	const restarts = keepSince(state.watch.restarts, nowMs - FIGURES.restartsMs);
	const recreations = keepSince(state.watch.recreations, nowMs - FIGURES.recreationsMs);
	const notBefore = nowMs + toBackoffMs(fails, jitter);
	const told: readonly Note[] = isAsked ? [] : [{ kind: "ended", why }];
	const base: Watch = { ...state.watch, fails, why, restarts, recreations, notBefore };
	const nextAtMs = nowMs + FIGURES.busyMs;
	if (restarts.length < FIGURES.restartsMax) {
		return {
			...{ phase: state.phase === "crashloop" ? "crashloop" : "starting", generation, nextAtMs },
			watch: { ...base, restarts: [...restarts, nowMs] },
			notes: [...told, { kind: "restarted", why }],
		};
	}
	if (recreations.length < FIGURES.recreationsMax) {
		return {
			...{ phase: "creating", generation: generation + 1, nextAtMs },
			// A new cell is a new beginning: it is not made to wait for what its predecessor did.
			watch: { ...base, fails: 0, restarts: [], recreations: [...recreations, nowMs] },
			notes: [...told, { kind: "recreated", why }],
		};
	}
	return {
		...{ phase: "crashloop", generation, nextAtMs },
		watch: { ...base, fails: 0, restarts: [], notBefore: nowMs + FIGURES.crashloopMs },
		notes: state.phase === "crashloop" ? told : [...told, { kind: "crashloop", why }],
	};
}

function keepSince(times: readonly number[], sinceMs: number): number[] {
	return times.filter((time) => time > sinceMs);
}
