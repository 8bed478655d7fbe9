import type { Command } from "./command.ts";

/** Mistakes forgiven: one in a short word, two in a longer one. */
const LONG_WORD = 5;

/** The command whose name or alias is closest to a mistyped one, if any is close enough. */
export function findNearestCommand(name: string, commands: readonly Command[]): Command | undefined {
	let best: Command | undefined;
	let bestDistance = [...name].length >= LONG_WORD ? 2 : 1;
	for (const command of commands) {
		for (const word of [command.name, ...command.aliases]) {
			const distance = editDistance(name, word, bestDistance);
			if (distance === undefined) continue;
			if (best === undefined || distance < bestDistance) {
				best = command;
				bestDistance = distance;
			}
		}
	}
	return best;
}

/** Insertions, deletions, exchanges and swaps of neighbours; undefined above `max`. Words are at most 32 characters. */
function editDistance(from: string, to: string, max: number): number | undefined {
	const a = [...from];
	const b = [...to];
	if (Math.abs(a.length - b.length) > max) return undefined;
	let previous: readonly number[] = [];
	let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let row = 1; row <= a.length; row += 1) {
		const current = nextRow(a, b, row, last, previous);
		previous = last;
		last = current;
	}
	const distance = at(last, b.length);
	return distance <= max ? distance : undefined;
}

function nextRow(
	a: readonly string[],
	b: readonly string[],
	row: number,
	last: readonly number[],
	previous: readonly number[],
): readonly number[] {
	const current = [row];
	for (let column = 1; column <= b.length; column += 1) {
		const cost = a[row - 1] === b[column - 1] ? 0 : 1;
		const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
		current[column] = Math.min(
			at(current, column - 1) + 1,
			at(last, column) + 1,
			at(last, column - 1) + cost,
			isSwap ? at(previous, column - 2) + 1 : Number.POSITIVE_INFINITY,
		);
	}
	return current;
}

function at(row: readonly number[], column: number): number {
	return row[column] ?? Number.POSITIVE_INFINITY;
}
