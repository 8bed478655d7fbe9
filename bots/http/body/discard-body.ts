import type { IncomingMessage } from "node:http";

const DISCARD_BYTES_MAX = 1024 * 1024;
const DISCARD_MS = 500;

/** Reads and drops what is left of a body, within limits. True when its end was reached. */
export async function discardBody(request: IncomingMessage): Promise<boolean> {
	if (request.complete && request.readableEnded) return true;
	return await new Promise<boolean>((resolve) => {
		let bytes = 0;
		const timer = setTimeout(() => finish(false), DISCARD_MS);

		function onData(chunk: Buffer): void {
			bytes += chunk.length;
			if (bytes > DISCARD_BYTES_MAX) finish(false);
		}
		function finish(isRead: boolean): void {
			clearTimeout(timer);
			request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
			if (!isRead) request.pause();
			resolve(isRead);
		}
		const onEnd = (): void => finish(true);
		const onGone = (): void => finish(false);

		request.on("end", onEnd).on("close", onGone).on("error", onGone).on("data", onData);
		request.resume();
	});
}
