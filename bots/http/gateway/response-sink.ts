import type { ServerResponse } from "node:http";
import type { GatewayHead, GatewaySink } from "../../../core/gateway/gateway.ts";

/** The caller's response as a place for an answer. */
export type ResponseSink = GatewaySink & {
	/** True once something was said that cannot be taken back. */
	isOpen(): boolean;
	/** The answer is complete. */
	finish(): void;
};

type Headers = Readonly<Record<string, string>>;

/** Above this a copy costs more than a second piece. */
const ONE_PIECE_BYTES_MAX = 16 * 1024;

/**
 * A whole answer goes out in one write with its length; a stream as it comes. `drainTimeoutMs`: how long a caller who does not
 * read is waited for. `headers` are sent with every answer.
 */
export function createResponseSink(
	response: ServerResponse,
	drainTimeoutMs: number,
	headers: Headers,
): ResponseSink {
	let head: GatewayHead | undefined;
	let held: Buffer | string | undefined;
	let isSent = false;

	function sendHead(more: Headers): void {
		if (head === undefined || response.headersSent || response.destroyed) return;
		response.writeHead(head.status, toHeaders(headers, head, more));
		isSent = true;
	}

	return {
		isOpen: () => isSent,
		open(opened) {
			head = opened;
			if (isStream(opened)) sendHead({ "x-accel-buffering": "no" });
		},
		write(piece) {
			if (head === undefined || response.destroyed) return true;
			if (isStream(head)) return response.write(piece);
			held = piece;
			return true;
		},
		async drained() {
			if (response.destroyed || !response.writableNeedDrain) return;
			const { promise, resolve } = Promise.withResolvers<void>();
			const timer = setTimeout(() => response.destroy(), drainTimeoutMs);
			response.once("drain", resolve).once("close", resolve);
			await promise;
			clearTimeout(timer);
			response.off("drain", resolve).off("close", resolve);
		},
		finish() {
			if (response.destroyed || response.writableEnded) return;
			if (held === undefined) {
				response.end();
				return;
			}
			sendHead({ "content-length": String(Buffer.byteLength(held)) });
			// As a text the answer goes out with its head in one piece; as bytes it is a second one for the socket.
			if (typeof held === "string" || held.length > ONE_PIECE_BYTES_MAX) response.end(held);
			else response.end(held.toString("latin1"), "latin1");
		},
	};
}

function isStream({ contentType }: GatewayHead): boolean {
	return contentType.startsWith("text/event-stream");
}

/** One list, as Node takes it: tables of names made for one answer cost more than writing it. */
function toHeaders(own: Headers, { contentType, place }: GatewayHead, more: Headers): string[] {
	const list: string[] = [];
	for (const name in own) list.push(name, own[name] ?? "");
	list.push("content-type", contentType);
	if (place !== undefined) {
		list.push("x-rockpool-provider", place.provider, "x-rockpool-region", place.region);
		list.push("x-rockpool-attempts", String(place.attempts));
	}
	for (const name in more) list.push(name, more[name] ?? "");
	return list;
}
