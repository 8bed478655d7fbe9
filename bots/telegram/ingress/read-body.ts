import type { IncomingMessage } from "node:http";

export type BodyOutcome =
	| { readonly kind: "body"; readonly bytes: Buffer }
	| { readonly kind: "too-large" | "too-slow" | "gone" };

/** Reads a request's body within both bounds; what is refused is not read any further. Never rejects. */
export async function readBody(
	request: IncomingMessage,
	bounds: { readonly bytesMax: number; readonly timeoutMs: number },
): Promise<BodyOutcome> {
	if (Number(request.headers["content-length"] ?? 0) > bounds.bytesMax) return { kind: "too-large" };
	return await new Promise<BodyOutcome>((resolve) => {
		const chunks: Buffer[] = [];
		let length = 0;
		let isOver = false;
		const timer = setTimeout(() => finish({ kind: "too-slow" }), bounds.timeoutMs);
		const onData = (chunk: Buffer) => {
			length += chunk.length;
			if (length > bounds.bytesMax) finish({ kind: "too-large" });
			else chunks.push(chunk);
		};
		const onEnd = () => {
			const [first] = chunks;
			finish({ kind: "body", bytes: chunks.length === 1 && first ? first : Buffer.concat(chunks) });
		};
		const onGone = () => finish({ kind: "gone" });

		function finish(outcome: BodyOutcome): void {
			// The listeners stay: an error may still follow the first one, and taking them away costs more than they do.
			if (isOver) return;
			isOver = true;
			clearTimeout(timer);
			if (outcome.kind !== "body") request.off("data", onData).pause();
			resolve(outcome);
		}
		request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
	});
}
