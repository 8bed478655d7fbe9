import { setTimeout as sleep } from "node:timers/promises";
import type { FakeAnswer, FakeRequest } from "../../../core/testing/fake-provider-server.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";

/** Answers "re: <question>" after a moment, and knows how many calls were under way at a time. */
export type CountingAnswer = {
	toAnswer(request: FakeRequest): FakeAnswer;
	/** The most since the last look. */
	takeMost(): number;
	answered(): number;
};

/** What a call takes at the vendor. */
const WORK_MS = 15;

export function createCountingAnswer(): CountingAnswer {
	let running = 0;
	let most = 0;
	let answered = 0;
	return {
		answered: () => answered,
		takeMost() {
			const seen = most;
			most = running;
			return seen;
		},
		toAnswer: ({ body }) => ({
			kind: "raw",
			async write(response, request) {
				running += 1;
				most = Math.max(most, running);
				await sleep(WORK_MS);
				const wire = toWireFormat(request.url ?? "", { input: 20, output: 2 });
				const question = (body["messages"] as readonly { readonly content: string }[]).at(-1)?.content;
				// Before the answer is out: the caller may come again with the next call at once.
				running -= 1;
				answered += 1;
				response.writeHead(200, { "content-type": "text/event-stream" });
				response.end(`${wire.begin()}${wire.piece(`re: ${question}`)}${wire.end(undefined, true)}`);
			},
		}),
	};
}
