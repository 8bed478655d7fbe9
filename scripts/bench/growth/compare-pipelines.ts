import type { Answering, Talk } from "../pipeline/answering.ts";
import { openAnswering } from "../pipeline/answering.ts";
import type { Cores } from "../pipeline/cores.ts";
import { median, round } from "../pipeline/figures.ts";
import type { Installation } from "./installation.ts";
import { createQuiet } from "./quiet.ts";
import type { Pair, Turns } from "./take-turns.ts";
import { takeTurns } from "./take-turns.ts";

export type PipelineRounds = {
	readonly rounds: number;
	readonly seconds: number;
	readonly outstanding: number;
	/** Active people, and how many accounts of the large one there are to each of them. */
	readonly active: number;
	readonly spacing: number;
	readonly cores: Cores | undefined;
};

/**
 * Everybody has asked once before the clock starts, in both; how long that may take. It is when each page costs most: it has
 * to be read, and its first change after a checkpoint is written as the whole page.
 */
const WARM_UP_MS = 120_000;

/**
 * Questions a second that the whole program answers over each of them, in turns.
 *
 * @throws Error when a question was not answered exactly once in one of them
 */
export async function comparePipelines(
	small: Installation,
	large: Installation,
	options: PipelineRounds,
): Promise<Record<string, unknown>> {
	const { active: chats, cores, spacing } = options;
	const opened: Answering[] = [];
	try {
		const common = { chats, cores, nodeFlags: [] };
		const one = await openAnswering({ ...common, databaseUrl: small.url, spacing: 1 });
		opened.push(one);
		const other = await openAnswering({ ...common, databaseUrl: large.url, spacing });
		opened.push(other);
		for (const [answering, installation] of [[one, small] as const, [other, large] as const]) {
			await installation.checkpoint();
			await answering.talk({ ms: WARM_UP_MS, outstanding: options.outstanding, questions: chats });
		}
		const request = { ms: options.seconds * 1_000, outstanding: options.outstanding };
		const turns = await takeTurns(
			async () => await one.talk(request),
			async () => await other.talk(request),
			options.rounds,
			createQuiet(),
		);
		const facts = [await one.finish(), await other.finish()];
		return { ...toFigures(turns), pipelineFacts: facts };
	} finally {
		await Promise.all(opened.map(async (answering) => await answering.close()));
	}
}

function toFigures({ pairs: rounds, disturbed }: Turns<Talk>): Record<string, unknown> {
	const middle = (pick: (pair: Pair<Talk>) => number): number => median(rounds.map(pick));
	const both = (pick: (talk: Talk) => number): readonly number[] => [
		round(middle(({ small }) => pick(small))),
		round(middle(({ large }) => pick(large))),
	];
	const toRatio = ({ small, large }: Pair<Talk>): number => large.answeredPerSecond / small.answeredPerSecond;
	const [pipelineSmallPerSecond, pipelineLargePerSecond] = both((talk) => talk.answeredPerSecond);
	return {
		pipelineSmallPerSecond,
		pipelineLargePerSecond,
		pipelineSpeedRatio: round(middle(toRatio), 3),
		pipelineSpeedRatios: rounds.map((each) => round(toRatio(each), 2)),
		pipelineCpuRatio: round(
			middle(({ small, large }) => cpuOf(small) / cpuOf(large)),
			3,
		),
		pipelineDisturbedRounds: disturbed,
		pipelineP50Ms: both((talk) => talk.p50Ms),
		pipelineP99Ms: both((talk) => talk.p99Ms),
		pipelineProgramCpuMicros: both((talk) => talk.programCpuMicros),
		pipelineServerCpuMicros: both((talk) => talk.serverCpuMicros),
		pipelineOthersCpuMicros: both((talk) => talk.othersCpuMicros),
		pipelineWalBytes: both((talk) => talk.walBytes),
		pipelinePagesRead: both((talk) => talk.pagesRead),
		...(rounds.some(({ small, large }) => small.isOutOfQuestions || large.isOutOfQuestions) && {
			isOutOfQuestions: true,
		}),
	};
}

/** Of the program and of its server: what the machine has to give for an answer, the bench's own people and vendor left out. */
function cpuOf({ programCpuMicros, serverCpuMicros }: Talk): number {
	return programCpuMicros + serverCpuMicros;
}
