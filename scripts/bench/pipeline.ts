import { parseArgs } from "node:util";
import type { Cores } from "./pipeline/cores.ts";
import { giveCoreBack, reserveCore } from "./pipeline/cores.ts";
import { measureAccept } from "./pipeline/measure-accept.ts";
import { measureAnswered } from "./pipeline/measure-answered.ts";
import { createScratchDatabase } from "./scratch-database.ts";

export const usage =
	"pipeline [--rounds 5] [--seconds 2] [--connections 128] [--chats 4000] [--outstanding 256] [--answer-seconds 12] [--only accept|answered] [--node-flags='--cpu-prof --cpu-prof-dir=DIR']";

type Options = ReturnType<typeof readOptions>;

/**
 * Webhook posts accepted durably beside a bare grammY bot that answers them from memory, in turns; then questions answered by
 * the whole program in one process. The program under test has one core for itself, everything else shares the others.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const cores = await reserveCore();
	try {
		const accept = options.only === "answered" ? {} : await runAccept(options, cores);
		const answered = options.only === "accept" ? {} : await runAnswered(options, cores);
		return { ...accept, ...answered, isPinned: cores !== undefined };
	} finally {
		if (cores !== undefined) await giveCoreBack(cores);
	}
}

async function runAccept(options: Options, cores: Cores | undefined): Promise<Record<string, unknown>> {
	const { rounds, seconds, connections, nodeFlags } = options;
	const measure = async (databaseUrl: string) =>
		await measureAccept({ databaseUrl, cores, rounds, seconds, connections, nodeFlags });
	return { ...(await onScratch(measure)), rounds, connections };
}

async function runAnswered(options: Options, cores: Cores | undefined): Promise<Record<string, unknown>> {
	const { chats, outstanding, answerSeconds: seconds, nodeFlags } = options;
	return await onScratch(
		async (databaseUrl) =>
			await measureAnswered({ databaseUrl, cores, chats, outstanding, seconds, nodeFlags }),
	);
}

async function onScratch<Result>(measure: (databaseUrl: string) => Promise<Result>): Promise<Result> {
	const scratch = await createScratchDatabase();
	try {
		return await measure(scratch.url);
	} finally {
		await scratch.destroy();
	}
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			rounds: { type: "string", default: "5" },
			seconds: { type: "string", default: "2" },
			connections: { type: "string", default: "128" },
			chats: { type: "string", default: "4000" },
			outstanding: { type: "string", default: "256" },
			"answer-seconds": { type: "string", default: "12" },
			only: { type: "string" },
			"node-flags": { type: "string", default: "" },
		},
	});
	return {
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
		connections: Number(values.connections),
		chats: Number(values.chats),
		outstanding: Number(values.outstanding),
		answerSeconds: Number(values["answer-seconds"]),
		only: values.only,
		nodeFlags: values["node-flags"].split(" ").filter(Boolean),
	};
}
