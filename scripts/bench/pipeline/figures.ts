/** The middle one; NaN of nothing. */
export function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN;
}

/** share: 0.99 for p99. NaN of nothing. */
export function percentile(values: Float64Array, share: number): number {
	const sorted = values.toSorted();
	return sorted[Math.min(sorted.length - 1, Math.trunc(sorted.length * share))] ?? Number.NaN;
}

/** To so many digits after the point. */
export function round(value: number, digits = 0): number {
	const factor = 10 ** digits;
	return Math.round(value * factor) / factor;
}
