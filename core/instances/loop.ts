export type LoopDeps = {
	/** One look at everything that is due. */
	readonly pass: () => Promise<unknown>;
	readonly onTrouble: (message: string, error: unknown) => void;
	readonly everyMs?: number;
};

/** Looks after instances again and again until it is stopped. */
export type InstanceLoop = {
	/** Something is due already. */
	kick(): void;
	/** Resolves once no look is under way. */
	stop(): Promise<void>;
};

const EVERY_MS = 500;
/** One that waits for a runtime that hangs does not keep the others waiting; leases see to it that none is looked at twice. */
const PASSES_MAX = 4;

export function startInstanceLoop({ pass, onTrouble, everyMs = EVERY_MS }: LoopDeps): InstanceLoop {
	const running = new Set<Promise<void>>();
	let isStopped = false;

	function look(): void {
		if (isStopped || running.size >= PASSES_MAX) return;
		const looking = pass()
			.then(
				() => undefined,
				(error: unknown) => onTrouble("instances could not be looked at", error),
			)
			.finally(() => running.delete(looking));
		running.add(looking);
	}

	const timer = setInterval(look, everyMs);
	timer.unref();
	look();
	return {
		kick: look,
		async stop() {
			isStopped = true;
			clearInterval(timer);
			await Promise.all(running);
		},
	};
}
