/** Who follows the text of turns that run on this node. */
export type Watchers = {
	/** Calls `onText` with the whole text so far, at once if there is some; returns the unsubscribe function. */
	watch(inboxId: string, onText: (text: string) => void): () => void;
	publish(inboxId: string, text: string): void;
	/** The turn is over. */
	end(inboxId: string): void;
};

export function createWatchers(): Watchers {
	const texts = new Map<string, string>();
	const listeners = new Map<string, Set<(text: string) => void>>();
	return {
		watch(inboxId, onText) {
			const own = listeners.get(inboxId) ?? new Set();
			listeners.set(inboxId, own.add(onText));
			const text = texts.get(inboxId);
			if (text !== undefined) onText(text);
			return () => {
				own.delete(onText);
				if (own.size === 0 && listeners.get(inboxId) === own) listeners.delete(inboxId);
			};
		},
		publish(inboxId, text) {
			texts.set(inboxId, text);
			for (const onText of listeners.get(inboxId) ?? []) onText(text);
		},
		end(inboxId) {
			texts.delete(inboxId);
		},
	};
}
