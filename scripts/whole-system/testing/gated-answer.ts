import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";

/** An answer that every request waits for until the test opens the gate. */
export type GatedAnswer = {
	readonly answer: FakeAnswer;
	/** Requests that wait, or waited. */
	arrived(): number;
	open(): void;
};

export function createGatedAnswer(
	options: {
		/** Before the gate; nothing comes before it by default, not even the head of the response. */
		readonly before?: readonly string[];
		readonly after?: readonly string[];
		readonly usage?: { readonly input: unknown; readonly output: unknown } | "none";
	} = {},
): GatedAnswer {
	const { before = [], after = ["done"], usage = { input: 20, output: 2 } } = options;
	const gate = Promise.withResolvers<void>();
	let arrived = 0;
	return {
		arrived: () => arrived,
		open: () => gate.resolve(),
		answer: {
			kind: "raw",
			async write(response, request) {
				arrived += 1;
				const wire = toWireFormat(request.url ?? "", usage);
				const begin = (): void => {
					response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
					response.write(wire.begin());
				};
				if (before.length > 0) begin();
				for (const piece of before) response.write(wire.piece(piece));
				await gate.promise;
				if (response.destroyed) return;
				if (before.length === 0) begin();
				for (const piece of after) response.write(wire.piece(piece));
				response.end(wire.end(undefined, true));
			},
		},
	};
}
