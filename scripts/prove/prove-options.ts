/** How one proof is run. */
export type ProveOptions = {
	/** Wished length; undefined: the program's own. */
	readonly seconds: number | undefined;
	/** Everything that is left to chance follows from it. */
	readonly seed: number;
	/** A deliberately broken variant, one of the program's `mutants`: the proof must fail then. */
	readonly mutant: string | undefined;
	/** Seconds instead of minutes, for `npm test`. */
	readonly isShort: boolean;
};

export type ProveResult = {
	readonly passed: boolean;
	/** Nothing was broken, but so little happened that this shows nothing. */
	readonly isPoor?: boolean;
	readonly figures: Readonly<Record<string, unknown>>;
};

/** What a file scripts/prove/NAME.ts exports. */
export type Proof = {
	prove(options: ProveOptions): Promise<ProveResult>;
	/** Variants this very program must catch. */
	readonly mutants?: readonly string[];
};

/** Numbers of 0..1 that follow from a seed (mulberry32): the same run again. */
export function createRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
