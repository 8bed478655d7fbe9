import type { IncomingMessage } from "node:http";
import { httpProblem } from "../http-problem.ts";

export type BodyLimits = { readonly bytesMax: number; readonly timeoutMs: number };

/**
 * The whole body as bytes, counted as they come: a Content-Length is a hint, chunked bodies have none.
 *
 * @param take memory for a body of an announced length, where there is some
 * @throws AppError 413 over the cap, 408 when it is not complete in time, 400 when the caller leaves in the middle.
 */
export async function readBody(
	request: IncomingMessage,
	{ bytesMax, timeoutMs }: BodyLimits,
	take?: (bytes: number) => Buffer | undefined,
): Promise<Buffer> {
	const announced = Number(request.headers["content-length"] ?? 0);
	if (announced > bytesMax) throw httpProblem("body-too-large", { bytesMax });
	return await new Promise<Buffer>((resolve, reject) => {
		const whole = announced > 0 ? take?.(announced) : undefined;
		const parts = whole === undefined ? createList() : createWhole(whole);
		let bytes = 0;
		const timer = setTimeout(() => fail(httpProblem("body-too-slow")), timeoutMs);

		function onData(chunk: Buffer): void {
			bytes += chunk.length;
			if (bytes > bytesMax) fail(httpProblem("body-too-large", { bytesMax }));
			else parts.add(chunk);
		}
		function stopListening(): void {
			clearTimeout(timer);
			request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onGone);
		}
		function fail(error: Error): void {
			stopListening();
			// Whoever answers decides what to do with the rest.
			request.pause();
			reject(error);
		}
		function onEnd(): void {
			stopListening();
			resolve(parts.join());
		}
		const onGone = (cause?: unknown): void => fail(httpProblem("bad-request", {}, cause));
		const onClose = (): void => onGone();

		request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onGone);
	});
}

/** The pieces of one body. */
type Parts = { add(chunk: Buffer): void; join(): Buffer };

function createList(): Parts {
	const chunks: Buffer[] = [];
	return {
		add: (chunk) => void chunks.push(chunk),
		join: () => (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
	};
}

/** Node takes no more for a body than was announced, and ends none that is shorter. */
function createWhole(whole: Buffer): Parts {
	let at = 0;
	return {
		add(chunk) {
			at += chunk.copy(whole, at);
		},
		join: () => (at === whole.length ? whole : whole.subarray(0, at)),
	};
}
