import type { ServerResponse } from "node:http";

/** A server-sent event stream that owns its piping: nothing is written to a client that left, nor piled up for a slow one. */
export type EventStream = {
	send(event: string, data: unknown): void;
	/** False while the client has not read what was sent. */
	isWritable(): boolean;
	end(): void;
};

export type EventStreamOptions = {
	readonly keepAliveMs: number;
	readonly drainTimeoutMs: number;
	/** Called when the client has caught up. */
	readonly onDrain: () => void;
};

/** Sends the head at once; the headers set on the response so far go with it. */
export function openEventStream(response: ServerResponse, options: EventStreamOptions): EventStream {
	const { keepAliveMs, drainTimeoutMs, onDrain } = options;
	let drainTimer: NodeJS.Timeout | undefined;

	function write(text: string): void {
		if (response.destroyed || response.writableEnded) return;
		if (response.write(text) || drainTimer !== undefined) return;
		drainTimer = setTimeout(() => response.destroy(), drainTimeoutMs);
	}
	const isWritable = (): boolean =>
		drainTimer === undefined && !response.destroyed && !response.writableEnded;
	// Proxies cut silent connections; a comment is ignored by every reader.
	const keepAlive = setInterval(() => {
		if (isWritable()) write(": keep-alive\n\n");
	}, keepAliveMs);

	function stopTimers(): void {
		clearInterval(keepAlive);
		clearTimeout(drainTimer);
	}

	response.on("drain", () => {
		clearTimeout(drainTimer);
		drainTimer = undefined;
		onDrain();
	});
	response.once("close", stopTimers);
	// A write that races the client's leaving fails here; "close" follows and is what counts.
	response.on("error", () => {});
	response.statusCode = 200;
	response.setHeader("Content-Type", "text/event-stream; charset=utf-8");
	// Tells nginx not to gather the stream into one lump.
	response.setHeader("X-Accel-Buffering", "no");
	response.flushHeaders();

	return {
		send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
		isWritable,
		end() {
			stopTimers();
			if (!response.destroyed) response.end();
		},
	};
}
