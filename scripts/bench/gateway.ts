import { parseArgs } from "node:util";
import { STREAM_TOKENS, WHOLE_TOKENS } from "./gateway/answers.ts";
import type { Answered } from "./gateway/books.ts";
import { checkBooks } from "./gateway/books.ts";
import type { Load, Samples } from "./gateway/measure-load.ts";
import { measureLoad, toDifference, toMedians, toRatio } from "./gateway/measure-load.ts";
import { measureMemory } from "./gateway/measure-memory.ts";
import { installPeers } from "./gateway/peers.ts";
import type { GatewayWorld, VariantName } from "./gateway/world.ts";
import { openWorld } from "./gateway/world.ts";
import type { Cores } from "./pipeline/cores.ts";
import { giveCoreBack, reserveCore } from "./pipeline/cores.ts";

export const usage =
	"gateway [--rounds 3] [--seconds 2] [--callers 200] [--streams 1000] [--per-second 300] [--only json,big,stream,translate,translateBig,translateStream,paced64,paced512,open,memory] [--without portkey,router] [--node-flags='--cpu-prof --cpu-prof-dir=DIR']";

const TOKENS = {
	whole: WHOLE_TOKENS.input + WHOLE_TOKENS.output,
	stream: STREAM_TOKENS.input + STREAM_TOKENS.output,
};
/** Streams take two seconds, so their first ones begin over as long. */
const SPREAD_MS = 2_000;
const PACED_MS = 5_000;

type Options = ReturnType<typeof readOptions>;

/**
 * Calls through us (key, quota reserved and settled durably), through a bare Koa, through Portkey and through
 * claude-code-router to a vendor that answers at once, and to that vendor directly: in turns, medians of the rounds' ratios.
 * One core for the program under test, the rest for vendor, callers and database.
 *
 * @throws Error when an answer of ours was not charged exactly once, or a reservation stays open
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const installed = await installPeers();
	const has = new Set([...installed.has].filter((name) => !options.without.includes(name)));
	const cores = await reserveCore();
	try {
		return await measure(options, cores, { ...installed, has });
	} finally {
		if (cores !== undefined) await giveCoreBack(cores);
	}
}

async function measure(
	options: Options,
	cores: Cores | undefined,
	peers: Awaited<ReturnType<typeof installPeers>>,
): Promise<Record<string, unknown>> {
	const { callers, nodeFlags } = options;
	const world = await openWorld({ cores, callers, peers, nodeFlags });
	const answered: Answered = { whole: 0, stream: 0 };
	try {
		const samples = await measureLoads(world, options, answered);
		const memory = options.has("memory") ? await measureMemories(world, options, answered) : undefined;
		const books = await checkBooks(world.db, answered, TOKENS);
		const leftOut = (["portkey", "router"] as const).filter((name) => !peers.has.has(name));
		return {
			...toFigures(samples),
			memoryPerStreamKb: memory?.["ours"],
			memory,
			...books,
			answered,
			details: Object.fromEntries([...samples].map(([name, turns]) => [name, toMedians(turns)])),
			rounds: options.rounds,
			callers,
			upstream: world.upstream,
			isPinned: cores !== undefined,
			...(leftOut.length > 0 && { LEFT_OUT: leftOut }),
		};
	} finally {
		await world.close();
	}
}

async function measureLoads(
	world: GatewayWorld,
	options: Options,
	answered: Answered,
): Promise<ReadonlyMap<string, Samples>> {
	const samples = new Map<string, Samples>();
	for (const [name, load] of Object.entries(toLoads(options))) {
		if (!options.has(name)) continue;
		const turns = await measureLoad(world, load, options.rounds, answered);
		console.error(name, toMedians(turns));
		samples.set(name, turns);
	}
	return samples;
}

function toLoads({ ms, perSecond }: Options): Record<string, Load> {
	const four: readonly VariantName[] = ["direct", "floor", "ours", "portkey"];
	const two: readonly VariantName[] = ["ours", "router"];
	const small = { dialect: "openai", size: "small", isStream: false } as const;
	const anthropic = { ...small, dialect: "anthropic" } as const;
	const stream = { ...small, isStream: true } as const;
	const paced = { ms: PACED_MS, spreadMs: SPREAD_MS, question: { ...stream, isPaced: true } };
	return {
		json: { variants: four, question: small, connections: 64, ms },
		big: { variants: four, question: { ...small, size: "big" }, connections: 64, ms },
		stream: { variants: four, question: stream, connections: 32, ms },
		translate: { variants: two, question: anthropic, connections: 64, ms },
		translateBig: { variants: two, question: { ...anthropic, size: "big" }, connections: 64, ms },
		translateStream: { variants: two, question: { ...anthropic, isStream: true }, connections: 32, ms },
		paced64: { variants: four, connections: 64, ...paced },
		paced512: { variants: four, connections: 512, ...paced },
		open: { variants: four, question: small, connections: 256, ms, perSecond },
	};
}

async function measureMemories(
	world: GatewayWorld,
	{ streams }: Options,
	answered: Answered,
): Promise<Record<string, unknown>> {
	return {
		streams,
		ours: await measureMemory(world, "ours", streams, answered),
		floor: await measureMemory(world, "floor", streams, answered),
		portkey: await measureMemory(world, "portkey", streams, answered),
	};
}

const NOBODY: Samples = new Map();

function toFigures(samples: ReadonlyMap<string, Samples>): Record<string, unknown> {
	const of = (name: string): Samples => samples.get(name) ?? NOBODY;
	// Where the machine has other work, rates say more about that than about the programs: what they used says it better.
	const toCpuRatio = (name: string, peer: VariantName) => toRatio(of(name), [peer, "ours"], "cpuMicros");
	const added = (name: string, variant: VariantName) => ({
		p50: toDifference(of(name), [variant, "direct"], "firstP50Ms"),
		p99: toDifference(of(name), [variant, "direct"], "firstP99Ms"),
	});
	return {
		jsonRatio: toRatio(of("json"), ["ours", "portkey"]),
		bigRatio: toRatio(of("big"), ["ours", "portkey"]),
		streamRatio: toRatio(of("stream"), ["ours", "portkey"]),
		translateRatio: toRatio(of("translate"), ["ours", "router"]),
		translateBigRatio: toRatio(of("translateBig"), ["ours", "router"]),
		translateStreamRatio: toRatio(of("translateStream"), ["ours", "router"]),
		cpuRatios: {
			json: toCpuRatio("json", "portkey"),
			big: toCpuRatio("big", "portkey"),
			stream: toCpuRatio("stream", "portkey"),
			translate: toCpuRatio("translate", "router"),
			translateBig: toCpuRatio("translateBig", "router"),
			translateStream: toCpuRatio("translateStream", "router"),
			floor: toCpuRatio("json", "floor"),
			floorBig: toCpuRatio("big", "floor"),
		},
		firstTokenAddedMs: added("paced64", "ours"),
		firstTokenAddedBy: {
			floor: added("paced64", "floor"),
			portkey: added("paced64", "portkey"),
			ours512: added("paced512", "ours"),
			portkey512: added("paced512", "portkey"),
		},
		eventCpuRatio: toRatio(of("paced512"), ["ours", "portkey"], "cpuMicrosAnEvent"),
		floorRatio: toRatio(of("json"), ["ours", "floor"]),
		floorRatioBig: toRatio(of("big"), ["ours", "floor"]),
		floorRatioStream: toRatio(of("stream"), ["ours", "floor"]),
	};
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			rounds: { type: "string", default: "3" },
			seconds: { type: "string", default: "2" },
			callers: { type: "string", default: "200" },
			streams: { type: "string", default: "1000" },
			"per-second": { type: "string", default: "300" },
			only: { type: "string" },
			without: { type: "string", default: "" },
			"node-flags": { type: "string", default: "" },
		},
	});
	const only = values.only?.split(",");
	return {
		rounds: Number(values.rounds),
		ms: Number(values.seconds) * 1_000,
		callers: Number(values.callers),
		streams: Number(values.streams),
		perSecond: Number(values["per-second"]),
		has: (name: string): boolean => only === undefined || only.includes(name),
		without: values.without.split(","),
		nodeFlags: values["node-flags"].split(" ").filter(Boolean),
	};
}
