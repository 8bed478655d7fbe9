import { COMPANY_MIN, CROWD_MIN, createGather } from "./gather.ts";

/** For the statements of a turn: far below what a person notices, and long enough for a dozen of them at full load. */
export const TURN_GATHER_MS = 15;

/**
 * Gathers concurrent calls into one statement: while a batch is under way the next one fills. A lone call waits for nothing.
 *
 * run gets 1..itemsMax items and answers one result each, in the same order. When a batch of several fails, each item is
 * tried once alone, so that one bad item cannot fail its neighbours; run must therefore be all-or-nothing.
 *
 * @throws (from the returned function) what run throws, or Error at once when too many calls wait already
 */
export function createBatcher<Item, Result>(options: {
	readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
	readonly itemsMax: number;
	/** Batches under way at a time. More than one only where batches cannot wait for each other's row locks. */
	readonly parallelMax?: number;
	/** False for errors no item can cause, such as a dead server: all fail then, instead of each waiting for it alone. */
	readonly isItemFault?: (error: unknown) => boolean;
	/** How long calls that come in company may wait for more of it; none unless told. */
	readonly gatherMs?: number;
	/** Calls that may wait for a batch. */
	readonly waitingMax?: number;
}): (item: Item) => Promise<Result> {
	type Entry = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
	const { run, itemsMax, parallelMax = 1, isItemFault = () => true, waitingMax = 20_000 } = options;
	const gather = createGather(options.gatherMs ?? 0);
	let waiting: Entry[] = [];
	let running = 0;
	let isResting = false;

	function pump(): void {
		while (running < parallelMax && waiting.length > 0) {
			const restMs = gather.restMs(waiting.length);
			if (restMs > 0) {
				if (!isResting) setTimeout(pumpLater, Math.ceil(restMs));
				isResting = true;
				return;
			}
			gather.began(waiting.length >= COMPANY_MIN);
			const batch = waiting.slice(0, itemsMax);
			waiting = waiting.slice(itemsMax);
			running += 1;
			void runBatch(batch).finally(() => {
				running -= 1;
				pump();
			});
		}
	}

	function pumpLater(): void {
		isResting = false;
		pump();
	}

	async function runBatch(batch: readonly Entry[]): Promise<void> {
		try {
			const results = await run(batch.map((entry) => entry.item));
			if (results.length !== batch.length) throw new Error("a batch must answer every item");
			for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Result);
		} catch (error) {
			await recover(batch, error);
		}
	}

	async function recover(batch: readonly Entry[], error: unknown): Promise<void> {
		const isOver = batch.length === 1 || !isItemFault(error);
		for (const entry of batch) {
			if (isOver) entry.reject(error);
			else await runBatch([entry]);
		}
	}

	return async (item) =>
		await new Promise<Result>((resolve, reject) => {
			if (waiting.length >= waitingMax) {
				reject(new Error(`more than ${waitingMax} calls wait for the database`));
				return;
			}
			waiting.push({ item, resolve, reject });
			// A turn of the event loop lets callers of the same tick share the first batch. A crowd does not wait for the timer.
			if (waiting.length === 1 || waiting.length === CROWD_MIN) setImmediate(pump);
		});
}
