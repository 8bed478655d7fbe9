/** What goes wrong. */
export type FaultKind =
	| "kill-app"
	| "kill-database"
	| "freeze-app"
	| "black-hole"
	| "redis-down"
	| "telegram-down";

export type Fault = {
	readonly kind: FaultKind;
	/** From the beginning of the talk. */
	readonly atMs: number;
	/** 0 for what is over at once. */
	readonly lastsMs: number;
	/** 0..1, for what else is left to chance, such as which node. */
	readonly draw: number;
};

/** lastsMs: how long one of its kind holds. restMs: after it there is none of the kind for so long. */
export type FaultHabit = { readonly lastsMs: number; readonly restMs: number };
export type FaultHabits = Readonly<Record<FaultKind, FaultHabit>>;

/**
 * Telegram and the database are away often, but not always: what comes in all the time can only be worked off while both are
 * there. Faults of different kinds overlap.
 */
export const LONG_HABITS: FaultHabits = {
	"kill-app": { lastsMs: 0, restMs: 10_000 },
	"kill-database": { lastsMs: 0, restMs: 15_000 },
	"freeze-app": { lastsMs: 10_000, restMs: 5_000 },
	"black-hole": { lastsMs: 15_000, restMs: 30_000 },
	"redis-down": { lastsMs: 10_000, restMs: 5_000 },
	"telegram-down": { lastsMs: 30_000, restMs: 45_000 },
};

/** The same in a tenth to a fifth of the time. */
export const SHORT_HABITS: FaultHabits = {
	"kill-app": { lastsMs: 0, restMs: 0 },
	"kill-database": { lastsMs: 0, restMs: 1_500 },
	"freeze-app": { lastsMs: 2_000, restMs: 1_000 },
	"black-hole": { lastsMs: 2_000, restMs: 2_000 },
	"redis-down": { lastsMs: 2_000, restMs: 1_000 },
	"telegram-down": { lastsMs: 3_000, restMs: 3_000 },
};

export type FaultPlan = {
	readonly seconds: number;
	readonly everyMs: number;
	readonly habits: FaultHabits;
	/** Left out where this machine cannot do it. */
	readonly leftOut: readonly FaultKind[];
	readonly random: () => number;
};

/** A fault at every step, of every kind as soon as it may be, then whichever chance will have. The last one strikes at the end. */
export function planFaults({ seconds, everyMs, habits, leftOut, random }: FaultPlan): readonly Fault[] {
	const kinds = (Object.keys(habits) as FaultKind[]).filter((kind) => !leftOut.includes(kind));
	const unseen = new Set(kinds);
	const freeFrom = new Map<FaultKind, number>();
	const faults: Fault[] = [];
	for (let atMs = everyMs; atMs <= seconds * 1_000; atMs += everyMs) {
		const free = kinds.filter((kind) => (freeFrom.get(kind) ?? 0) <= atMs);
		const fresh = free.filter((kind) => unseen.has(kind));
		const choice = fresh.length > 0 ? fresh : free;
		const kind = choice[Math.trunc(random() * choice.length)];
		if (kind === undefined) continue;
		unseen.delete(kind);
		const { lastsMs, restMs } = habits[kind];
		freeFrom.set(kind, atMs + lastsMs + restMs);
		faults.push({ kind, atMs, lastsMs, draw: random() });
	}
	return faults;
}

/** How often each kind strikes. */
export function countFaults(faults: readonly Fault[]): Readonly<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1;
	return counts;
}

/** As one reads it: seconds and kind, one after the other. */
export function toSchedule(faults: readonly Fault[]): string {
	return faults.map(({ atMs, kind }) => `${(atMs / 1_000).toFixed(1)} ${kind}`).join(", ");
}
