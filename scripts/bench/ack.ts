import { parseArgs } from "node:util";
import { openAckWorld } from "./ack/ack-world.ts";
import type { AckRate } from "./ack/measure-ack.ts";
import { assertAllAnswered, greetAll, measureRate } from "./ack/measure-ack.ts";

export const usage =
	"ack [--rate 100,300] [--seconds 20] [--nodes 2] [--runs 3] [--chats 1500] [--node-flags='--cpu-prof --cpu-prof-dir=DIR']";

/** Of the p99, by updates a second. */
const TARGETS_MS: ReadonlyMap<number, number> = new Map([
	[100, 100],
	[300, 250],
]);

/**
 * How long a webhook post waits for its 200, at so many posts a second that come whether or not earlier ones were answered,
 * while everything they ask for is answered too. Nodes, PostgreSQL, fakes and driver compete for the same cores.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const { rates, seconds, nodes, runs, chats, nodeFlags } = readOptions(args);
	const world = await openAckWorld({ nodes, chats, nodeFlags });
	try {
		await greetAll(world, chats);
		const measured: AckRate[] = [];
		for (const rate of rates) measured.push(await measureRate(world, { rate, runs, seconds }));
		const checked = await assertAllAnswered(world);
		return { ack: measured.map(toFigures), nodes, seconds, chats, ...checked };
	} finally {
		await world.close();
	}
}

function toFigures(measured: AckRate): Record<string, unknown> {
	const targetMs = TARGETS_MS.get(measured.rate);
	return {
		...measured,
		...(targetMs !== undefined && { targetMs, isMet: measured.medianP99Ms <= targetMs }),
	};
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			rate: { type: "string", default: "100,300" },
			seconds: { type: "string", default: "20" },
			nodes: { type: "string", default: "2" },
			runs: { type: "string", default: "3" },
			chats: { type: "string", default: "1500" },
			"node-flags": { type: "string", default: "" },
		},
	});
	return {
		rates: values.rate.split(",").map(Number),
		seconds: Number(values.seconds),
		nodes: Number(values.nodes),
		runs: Number(values.runs),
		chats: Number(values.chats),
		nodeFlags: values["node-flags"].split(" ").filter(Boolean),
	};
}
