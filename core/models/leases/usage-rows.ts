import { isItemFault } from "../../ledger/again.ts";
import type { UsageEntry } from "../model-call.ts";

/** Writes usage rows a little later, many in one statement. */
export type UsageRows = {
	push(entry: UsageEntry): void;
	/** So many wait that no more should come. */
	isFull(): boolean;
	/** Resolves when everything pushed so far is written. @throws what the database says; the rows wait on then */
	flush(): Promise<void>;
};

export type UsageRowsDeps = {
	/** All or nothing; a row that is there already is left alone. */
	readonly write: (entries: readonly UsageEntry[]) => Promise<void>;
	readonly onTrouble: (message: string, error: unknown) => void;
};

/** What a killed node may lose of its usage rows. */
const GATHER_MS = 15;
const AGAIN_MS = 250;
const BATCH_MAX = 500;
const WAITING_MAX = 20_000;

export function createUsageRows({ write, onTrouble }: UsageRowsDeps): UsageRows {
	let waiting: UsageEntry[] = [];
	let running: Promise<void> | undefined;
	let isScheduled = false;
	let isAway = false;

	function schedule(ms: number): void {
		if (isScheduled) return;
		isScheduled = true;
		setTimeout(() => {
			isScheduled = false;
			flush().catch(() => undefined);
		}, ms);
	}

	/** What waits now; what comes meanwhile gathers for the next time. */
	async function writeWaiting(): Promise<void> {
		for (let left = waiting.length; left > 0; ) {
			const batch = waiting.slice(0, Math.min(BATCH_MAX, left));
			await writeBatch(batch);
			waiting = waiting.slice(batch.length);
			left -= batch.length;
		}
	}

	async function writeBatch(batch: readonly UsageEntry[]): Promise<void> {
		try {
			await write(batch);
		} catch (error) {
			if (!isItemFault(error)) throw error;
			if (batch.length === 1) onTrouble("a usage row cannot be written and is left out", error);
			else for (const entry of batch) await writeBatch([entry]);
		}
	}

	async function run(): Promise<void> {
		try {
			await writeWaiting();
			isAway = false;
		} catch (error) {
			if (!isAway) onTrouble("usage rows wait for the database", error);
			isAway = true;
			throw error;
		} finally {
			running = undefined;
			if (waiting.length > 0) schedule(isAway ? AGAIN_MS : GATHER_MS);
		}
	}

	async function flush(): Promise<void> {
		while (running !== undefined) await running.catch(() => undefined);
		if (waiting.length === 0) return;
		running = run();
		await running;
	}

	return {
		push(entry) {
			waiting.push(entry);
			schedule(GATHER_MS);
		},
		isFull: () => waiting.length >= WAITING_MAX,
		flush,
	};
}
