export type Pair<Sample> = { readonly small: Sample; readonly large: Sample };

export type Turns<Sample> = {
	readonly pairs: readonly Pair<Sample>[];
	/** Pairs that stayed disturbed however often they were tried. */
	readonly disturbed: number;
};

/** A sample tells how many cores were kept busy by what is no part of the bench: other programs, other guests of the host. */
export type Disturbable = { readonly foreignCores: number };

/** More than this takes from one of the two what the other one has. */
export const FOREIGN_CORES_MAX = 0.1;
/** A disturbed pair is measured again so often, and all of them together as often as there are rounds: people run out of questions. */
const REPEATS_MAX = 2;

/**
 * Measures both in turns, as close together as can be: their ratio is that of the pair. Who is first changes, so that a machine
 * that gets slower or faster favours nobody. A pair is chosen for its quiet alone, never for what it shows.
 */
export async function takeTurns<Sample extends Disturbable>(
	small: () => Promise<Sample>,
	large: () => Promise<Sample>,
	rounds: number,
	awaitQuiet: () => Promise<void> = async () => undefined,
): Promise<Turns<Sample>> {
	const takeQuietPair = async (isSmallFirst: boolean): Promise<Pair<Sample>> => {
		await awaitQuiet();
		return await takePair(small, large, isSmallFirst);
	};
	const pairs: Pair<Sample>[] = [];
	let repeatsLeft = rounds;
	for (let turn = 0; turn < rounds; turn += 1) {
		const tries = [await takeQuietPair(turn % 2 === 0)];
		while (tries.every(isDisturbed) && tries.length <= REPEATS_MAX && repeatsLeft > 0) {
			repeatsLeft -= 1;
			tries.push(await takeQuietPair((turn + tries.length) % 2 === 0));
		}
		const [quietest] = tries.toSorted((a, b) => foreignIn(a) - foreignIn(b));
		if (quietest !== undefined) pairs.push(quietest);
	}
	return { pairs, disturbed: pairs.filter(isDisturbed).length };
}

async function takePair<Sample>(
	small: () => Promise<Sample>,
	large: () => Promise<Sample>,
	isSmallFirst: boolean,
): Promise<Pair<Sample>> {
	if (isSmallFirst) return { small: await small(), large: await large() };
	const first = await large();
	return { small: await small(), large: first };
}

function isDisturbed(pair: Pair<Disturbable>): boolean {
	return foreignIn(pair) > FOREIGN_CORES_MAX;
}

function foreignIn({ small, large }: Pair<Disturbable>): number {
	return Math.max(small.foreignCores, large.foreignCores);
}
