/** Decides when the next batch may begin, so that a busy database gets few large statements instead of many small ones. */
export type Gather = {
	/** Milliseconds the next batch is still to wait for company; 0: begin now. */
	restMs(waiting: number): number;
	/** A batch began. isAccompanied: several came together, so more are likely to come. */
	began(isAccompanied: boolean): void;
};

/** So many calls at once are company. */
export const COMPANY_MIN = 3;
/** So many make a statement whose fixed cost no longer matters: they do not wait for more. */
export const CROWD_MIN = 32;

/**
 * After a batch that had company the next one begins no sooner than ms after it began. Calls that come alone never wait: the
 * batch before them was small. `now` is a monotonic clock in ms.
 */
export function createGather(ms: number, now: () => number = () => performance.now()): Gather {
	let nextAt = Number.NEGATIVE_INFINITY;
	return {
		restMs: (waiting) => (waiting >= CROWD_MIN ? 0 : Math.max(0, nextAt - now())),
		began(isAccompanied) {
			nextAt = isAccompanied ? now() + ms : Number.NEGATIVE_INFINITY;
		},
	};
}
