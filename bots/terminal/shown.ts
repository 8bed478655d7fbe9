/** What was shown since a moment: an answer's text is stored before it is delivered, and only then is the turn over. */
export type Shown = {
	note(text: string): void;
	/** Begins a new count. */
	mark(): void;
	/** Waits until each of `texts` was shown since the mark. False: not within the time, or aborted. */
	whenShown(texts: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<boolean>;
};

/** Messages remembered since a mark. */
const NOTED_MAX = 200;

export function createShown(): Shown {
	let noted: string[] = [];
	let waiting: (() => void) | undefined;

	function isShown(texts: readonly string[]): boolean {
		const left = [...noted];
		return texts.every((text) => {
			// Delivery may add words of its own, such as "this answer is late".
			const at = left.findIndex((shown) => shown.includes(text));
			if (at === -1) return false;
			left.splice(at, 1);
			return true;
		});
	}

	return {
		note(text) {
			noted = [...noted.slice(1 - NOTED_MAX), text];
			waiting?.();
		},
		mark() {
			noted = [];
		},
		async whenShown(texts, timeoutMs, signal) {
			if (isShown(texts)) return true;
			return await new Promise<boolean>((resolve) => {
				const timer = setTimeout(() => finish(false), timeoutMs);
				const onAbort = (): void => finish(false);
				function finish(isAll: boolean): void {
					clearTimeout(timer);
					signal.removeEventListener("abort", onAbort);
					waiting = undefined;
					resolve(isAll);
				}
				waiting = () => {
					if (isShown(texts)) finish(true);
				};
				signal.addEventListener("abort", onAbort, { once: true });
				if (signal.aborted) finish(false);
			});
		},
	};
}
