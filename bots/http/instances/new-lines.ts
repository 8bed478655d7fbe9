/**
 * What was added to a log between two looks at its last lines. isGap: more than a look holds, so that something may be missing.
 * Of lines that are all alike as many may be left out as had room before.
 */
export function findNewLines(
	before: readonly string[],
	now: readonly string[],
): { readonly lines: readonly string[]; readonly isGap: boolean } {
	for (let added = 0; added <= now.length; added += 1) {
		const kept = now.length - added;
		if (kept <= before.length && continues(before, now, kept)) {
			return { lines: now.slice(kept), isGap: kept === 0 && added > 0 && before.length > 0 };
		}
	}
	return { lines: now, isGap: before.length > 0 };
}

/** The first `kept` lines are the last ones of before. */
function continues(before: readonly string[], now: readonly string[], kept: number): boolean {
	const from = before.length - kept;
	for (let place = 0; place < kept; place += 1) if (before[from + place] !== now[place]) return false;
	return true;
}
