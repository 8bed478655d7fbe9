import { findCpuMs } from "../pipeline/cores.ts";
import { median, round } from "../pipeline/figures.ts";
import { EVENTS } from "./answers.ts";
import type { Answered } from "./books.ts";
import type { LoadRequest, LoadResult } from "./load.ts";
import type { QuestionOptions } from "./questions.ts";
import { toQuestion } from "./questions.ts";
import type { GatewayWorld, Variant, VariantName } from "./world.ts";

/** One kind of traffic, and who carries it in turns. */
export type Load = {
	readonly variants: readonly VariantName[];
	readonly question: QuestionOptions;
	readonly connections: number;
	readonly ms: number;
	readonly spreadMs?: number;
	readonly perSecond?: number;
};

/** One turn of one variant. */
export type Sample = {
	readonly perSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly firstP50Ms: number;
	readonly firstP99Ms: number;
	/** Processor time of the variant a request, and an event where it is a stream. */
	readonly cpuMicros: number;
	readonly cpuMicrosAnEvent: number;
	/** The database's a request, where the variant has one. */
	readonly databaseCpuMicros: number;
	/** Of one core. */
	readonly busy: number;
	readonly failed: number;
};

export type Samples = ReadonlyMap<VariantName, readonly Sample[]>;

/**
 * Until the code is compiled that is worth it, on a core that is not the compiler's alone: a program's first traffic, and each
 * further kind, which takes much the same way. The same for every variant; what is no program of Node's needs none.
 */
const WARM_UP_MS = 20_000;
const WARM_UP_AGAIN_MS = 6_000;
const PATHS = { openai: "/v1/chat/completions", anthropic: "/v1/messages" } as const;

/** Each round every variant has its turn, a different one first; before the rounds each is warmed up. */
export async function measureLoad(
	world: GatewayWorld,
	load: Load,
	rounds: number,
	answered: Answered,
): Promise<Samples> {
	const names = load.variants.filter((name) => world.variants.has(name));
	const samples = new Map<VariantName, Sample[]>(names.map((name) => [name, []]));
	for (const name of names) {
		const ms = name === "direct" ? load.ms : world.isWarm.has(name) ? WARM_UP_AGAIN_MS : WARM_UP_MS;
		await takeTurn(world, { ...load, ms }, name, answered);
		world.isWarm.add(name);
	}
	for (let number = 0; number < rounds; number += 1) {
		for (let at = 0; at < names.length; at += 1) {
			const name = names[(at + number) % names.length];
			if (name !== undefined) samples.get(name)?.push(await takeTurn(world, load, name, answered));
		}
	}
	return samples;
}

/** @throws Error where a question to us was not answered */
async function takeTurn(
	world: GatewayWorld,
	load: Load,
	name: VariantName,
	answered: Answered,
): Promise<Sample> {
	const variant = world.variants.get(name);
	if (variant === undefined) throw new Error(`there is no ${name}`);
	const { question } = load;
	const findServerMs = async (): Promise<number> => await findCpuMs(world.serverPid ?? 0);
	const cpuBefore = await findCpuMs(variant.pid);
	const serverBefore = await findServerMs();
	const startedAt = performance.now();
	const result = await world.load.call<LoadResult>("run", toRequest(load, variant));
	const elapsedMs = performance.now() - startedAt;
	const cpuMs = (await findCpuMs(variant.pid)) - cpuBefore;
	const serverMs = name === "ours" ? (await findServerMs()) - serverBefore : 0;
	if (name === "ours") {
		answered[question.isStream ? "stream" : "whole"] += result.answeredInAll;
		if (result.failed > 0) throw new Error(`${result.failed} questions to us were not answered`);
	}
	const cpuMicros = (cpuMs * 1_000) / Math.max(1, result.answeredInAll);
	return {
		perSecond: toRate(result, elapsedMs),
		p50Ms: result.p50Ms,
		p99Ms: result.p99Ms,
		firstP50Ms: result.firstP50Ms,
		firstP99Ms: result.firstP99Ms,
		cpuMicros,
		cpuMicrosAnEvent: cpuMicros / EVENTS,
		databaseCpuMicros: (serverMs * 1_000) / Math.max(1, result.answeredInAll),
		busy: cpuMs / elapsedMs,
		failed: result.failed,
	};
}

/** Whoever answers nobody while the clock runs has a rate all the same: of all it answered in all the time it took. */
function toRate({ answered, answeredInAll, elapsedMs }: LoadResult, elapsedInAllMs: number): number {
	return answered > 0 ? answered / (elapsedMs / 1_000) : answeredInAll / (elapsedInAllMs / 1_000);
}

export function toRequest(load: Load, variant: Variant): LoadRequest {
	const { question, connections, ms, spreadMs, perSecond } = load;
	const { dialect, isStream } = question;
	const isAnthropic = dialect === "anthropic" && variant.keys.length > 0;
	return {
		port: variant.port,
		path: PATHS[dialect],
		headers: isAnthropic ? [...variant.headers, "anthropic-version: 2023-06-01"] : variant.headers,
		keys: variant.keys,
		keyHeader: variant.keyHeaders[dialect],
		body: toQuestion(question),
		...{ connections, ms, isStream },
		...(spreadMs !== undefined && { spreadMs }),
		...(perSecond !== undefined && { perSecond }),
	};
}

/** The middle of what the rounds' ratios are; undefined where one of both is not there. */
export function toRatio(
	samples: Samples,
	[over, under]: readonly [VariantName, VariantName],
	figure: keyof Sample = "perSecond",
): number | undefined {
	const [top, bottom] = [samples.get(over), samples.get(under)];
	if (top === undefined || bottom === undefined) return undefined;
	return round(median(top.map((sample, at) => sample[figure] / (bottom[at]?.[figure] ?? Number.NaN))), 2);
}

/** The middle of what the rounds' differences are. */
export function toDifference(
	samples: Samples,
	[more, less]: readonly [VariantName, VariantName],
	figure: keyof Sample,
): number | undefined {
	const [minuend, subtrahend] = [samples.get(more), samples.get(less)];
	if (minuend === undefined || subtrahend === undefined) return undefined;
	return round(median(minuend.map((sample, at) => sample[figure] - (subtrahend[at]?.[figure] ?? 0))), 2);
}

/** Medians of each variant, for whoever wants to know more than ratios. */
export function toMedians(samples: Samples): Record<string, object> {
	const figures = [...samples].map(([name, turns]) => {
		const middle = (figure: keyof Sample, digits: number): number =>
			round(median(turns.map((turn) => turn[figure])), digits);
		return [
			name,
			{
				perSecond: middle("perSecond", 0),
				p50Ms: middle("p50Ms", 2),
				p99Ms: middle("p99Ms", 2),
				firstP50Ms: middle("firstP50Ms", 2),
				firstP99Ms: middle("firstP99Ms", 2),
				cpuMicros: middle("cpuMicros", 0),
				cpuMicrosAnEvent: middle("cpuMicrosAnEvent", 1),
				databaseCpuMicros: middle("databaseCpuMicros", 0),
				busy: middle("busy", 2),
				failed: turns.reduce((sum, { failed }) => sum + failed, 0),
			},
		];
	});
	return Object.fromEntries(figures) as Record<string, object>;
}
