import type { Moment, Plan } from "./decision.ts";
import { FIGURES } from "./figures.ts";
import { toBackoffMs } from "./waits.ts";
import { WHY_LENGTH_MAX } from "./watch.ts";

/** An action did not succeed, or nobody knows: what is there is seen at the next look, which waits longer each time. */
export function planAfterFailure(plan: Plan, why: string, { nowMs, jitter }: Moment): Plan {
	const fails = plan.watch.fails + 1;
	const { startedAt, ...watch } = plan.watch;
	const nextAtMs = nowMs + toBackoffMs(fails, jitter);
	const { kind } = plan.action ?? {};
	const isBegin = kind === "create" || kind === "start" || kind === "mend";
	const isTold = isBegin && fails === FIGURES.failsToldAt;
	return {
		...plan,
		watch: {
			...{ ...watch, fails, why: why.slice(0, WHY_LENGTH_MAX) },
			...(isBegin && { notBefore: nextAtMs }),
			// Whether it began is for the next look to say.
			...(kind !== "start" && startedAt !== undefined && { startedAt }),
		},
		phase: plan.phase === "purged" ? "gone" : isTold ? "crashloop" : plan.phase,
		notes: [
			...plan.notes.filter((note) => note.kind !== "purged"),
			...(isTold ? [{ kind: "crashloop", why } as const] : []),
		],
		nextAtMs,
	};
}
