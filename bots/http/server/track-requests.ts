import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Which requests are in flight, so that a stop can wait for them and a broken request is never answered twice. */
export type RequestTracker = {
	add(request: IncomingMessage, response: ServerResponse): void;
	/** The answer in progress on this socket, if any. */
	current(socket: unknown): ServerResponse | undefined;
	/** Requests without a finished answer. */
	count(): number;
	/** Resolves once no request is in flight. */
	whenIdle(): Promise<void>;
	/** From now on every answer closes its connection. */
	closeAfterAnswer(): void;
};

export function createRequestTracker(flushTimeoutMs: number): RequestTracker {
	const open = new Set<ServerResponse>();
	const bySocket = new WeakMap<Socket, ServerResponse>();
	let waiting: (() => void)[] = [];
	let closing = false;

	function remove(response: ServerResponse): void {
		open.delete(response);
		if (open.size > 0) return;
		for (const resolve of waiting) resolve();
		waiting = [];
	}

	return {
		add(request, response) {
			open.add(response);
			bySocket.set(request.socket, response);
			response.once("close", () => remove(response));
			response.once("prefinish", () => boundFlush(response, flushTimeoutMs));
			if (closing) response.setHeader("Connection", "close");
		},
		current: (socket) => bySocket.get(socket as Socket),
		count: () => open.size,
		async whenIdle() {
			if (open.size === 0) return;
			await new Promise<void>((resolve) => waiting.push(resolve));
		},
		closeAfterAnswer() {
			closing = true;
			for (const response of open) if (!response.headersSent) response.setHeader("Connection", "close");
		},
	};
}

/** A client that never reads its answer would hold the socket and the bytes for ever. */
function boundFlush(response: ServerResponse, flushTimeoutMs: number): void {
	if (response.writableLength === 0) return;
	const timer = setTimeout(() => response.destroy(), flushTimeoutMs);
	timer.unref();
	response.once("close", () => clearTimeout(timer));
}
