import type { AnsweringOptions } from "./answering.ts";
import { openAnswering } from "./answering.ts";

export type AnsweredOptions = AnsweringOptions & {
	readonly seconds: number;
	readonly outstanding: number;
};

/** Newcomers at a time. */
const GREETING_MAX = 100;
const WARM_UP_MS = 1_500;

/**
 * Questions a second that are answered by the whole program in one process: webhook, worker, pipeline, ledger, model call,
 * placeholder and final edit, counted where the edit arrives.
 *
 * @throws Error when a question was not answered exactly once, or the ledger disagrees
 */
export async function measureAnswered(options: AnsweredOptions): Promise<Record<string, unknown>> {
	const { chats, seconds, outstanding } = options;
	const answering = await openAnswering(options);
	try {
		await answering.greet(GREETING_MAX);
		await answering.talk({ ms: WARM_UP_MS, outstanding });
		const talk = await answering.talk({ ms: seconds * 1_000, outstanding });
		const checked = await answering.finish();
		return {
			answeredPerSecond: talk.answeredPerSecond,
			answeredP50Ms: talk.p50Ms,
			answeredP99Ms: talk.p99Ms,
			answeredEachSecond: talk.perSecond,
			chats,
			outstanding,
			...(talk.isOutOfQuestions && { isOutOfQuestions: true }),
			programBusy: talk.programBusy,
			answeredCpuMicros: talk.programCpuMicros,
			answeredServerCpuMicros: talk.serverCpuMicros,
			answeredOthersCpuMicros: talk.othersCpuMicros,
			...checked,
		};
	} finally {
		await answering.close();
	}
}
