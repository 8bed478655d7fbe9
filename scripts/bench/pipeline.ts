import { parseArgs } from "node:util";
import { giveCoreBack, reserveCore } from "./pipeline/cores.ts";
import { measureAccept } from "./pipeline/measure-accept.ts";
import { createScratchDatabase } from "./scratch-database.ts";

export const usage =
	"pipeline [--rounds 5] [--seconds 2] [--connections 128] [--node-flags='--cpu-prof --cpu-prof-dir=DIR']";

/**
 * Webhook posts accepted durably beside a bare grammY bot that answers them from memory, in one run.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const cores = await reserveCore();
	const { rounds, connections } = options;
	try {
		const scratch = await createScratchDatabase();
		try {
			const accept = await measureAccept({ ...options, cores, databaseUrl: scratch.url });
			return { ...accept, rounds, connections, pinned: cores !== undefined };
		} finally {
			await scratch.destroy();
		}
	} finally {
		if (cores !== undefined) await giveCoreBack(cores);
	}
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			rounds: { type: "string", default: "5" },
			seconds: { type: "string", default: "2" },
			connections: { type: "string", default: "128" },
			"node-flags": { type: "string", default: "" },
		},
	});
	return {
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
		connections: Number(values.connections),
		nodeFlags: values["node-flags"].split(" ").filter(Boolean),
	};
}
