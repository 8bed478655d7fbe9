/** Where deltas go; an event stream is one. */
export type DeltaSink = { send(event: string, data: unknown): void; isWritable(): boolean };

/** Turns "the text so far" into deltas. While the client is slow only the newest text is kept, so memory stays bounded. */
export type DeltaFeed = {
	offer(textSoFar: string): void;
	/** Sends what the client has not seen; call it when it has caught up. */
	flush(): void;
	/** The whole text is known: what is missing goes out, whatever the client's speed. */
	finish(text: string): void;
};

/** Long enough to notice that a repeated attempt says something else. */
const CHECKED_TAIL = 64;

export function createDeltaFeed(sink: DeltaSink): DeltaFeed {
	let latest = "";
	let sentLength = 0;
	let tail = "";

	function continues(text: string): boolean {
		return text.length >= sentLength && text.startsWith(tail, sentLength - tail.length);
	}
	function sendUpTo(end: number): void {
		if (end <= sentLength) return;
		sink.send("delta", { text: latest.slice(sentLength, end) });
		sentLength = end;
		tail = latest.slice(Math.max(0, end - CHECKED_TAIL), end);
	}
	function flush(): void {
		if (!sink.isWritable()) return;
		if (!continues(latest)) {
			sink.send("restart", {});
			sentLength = 0;
			tail = "";
		}
		// Half a surrogate pair is no text in most languages; it goes with its other half.
		sendUpTo(endsInHighSurrogate(latest) ? latest.length - 1 : latest.length);
	}

	return {
		offer(textSoFar) {
			latest = textSoFar;
			flush();
		},
		flush,
		finish(text) {
			latest = text;
			if (continues(text)) sendUpTo(text.length);
		},
	};
}

function endsInHighSurrogate(text: string): boolean {
	const last = text.charCodeAt(text.length - 1);
	return last >= 0xd800 && last <= 0xdbff;
}
