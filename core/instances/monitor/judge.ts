/** What is measured of one instance, for whoever is to be told when it is too much. */
export type InstanceFigures = {
	readonly instanceId: string;
	/** Shares of what it may use, over the last minutes. undefined: it was not looked at enough. */
	readonly cpuShare: number | undefined;
	/** The least of the last minute: one peak is nothing. */
	readonly memoryShare: number | undefined;
	/** Messages of the last quarter of an hour. */
	readonly turns: number;
	readonly turnsFailed: number;
	/** How its memory went over the last hours: share of its limit an hour, how straight (0..1), over how many points, and where it is. */
	readonly slope:
		| {
				readonly sharePerHour: number;
				readonly fit: number;
				readonly points: number;
				readonly shareNow: number;
		  }
		| undefined;
};

/** figure: a share, 0..1 or more; of memory-slope the hours until its limit. */
export type Finding = { readonly instanceId: string; readonly kind: FindingKind; readonly figure: number };

export type FindingKind = "cpu" | "memory" | "errors" | "memory-slope";

/** Source: contract, "Lifecycle figures". */
const CPU_MAX = 0.8;
const MEMORY_MAX = 0.9;
const ERRORS_MAX = 0.05;
/** Of fewer messages a share says little. */
const TURNS_MIN = 20;
/** Two hours of points that lie on a line which meets the limit within a day. */
const POINTS_MIN = 24;
const FIT_MIN = 0.8;
const HOURS_MAX = 24;

/** What is too much. Pure. */
export function judge(figures: InstanceFigures): readonly Finding[] {
	const { instanceId, cpuShare, memoryShare, turns, turnsFailed } = figures;
	const errorShare = turns >= TURNS_MIN ? turnsFailed / turns : 0;
	const hours = toHoursLeft(figures.slope);
	return [
		...(cpuShare !== undefined && cpuShare > CPU_MAX
			? [{ instanceId, kind: "cpu", figure: cpuShare } as const]
			: []),
		...(memoryShare !== undefined && memoryShare > MEMORY_MAX
			? [{ instanceId, kind: "memory", figure: memoryShare } as const]
			: []),
		...(errorShare > ERRORS_MAX ? [{ instanceId, kind: "errors", figure: errorShare } as const] : []),
		...(hours !== undefined ? [{ instanceId, kind: "memory-slope", figure: hours } as const] : []),
	];
}

/** Hours until its memory meets its limit, where it does so soon; undefined: it does not, or nobody can say. */
function toHoursLeft(slope: InstanceFigures["slope"]): number | undefined {
	if (slope === undefined || slope.points < POINTS_MIN || slope.fit < FIT_MIN || slope.sharePerHour <= 0) {
		return undefined;
	}
	const hours = Math.max(0, 1 - slope.shareNow) / slope.sharePerHour;
	return hours <= HOURS_MAX ? hours : undefined;
}
