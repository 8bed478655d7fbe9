import { parseArgs } from "node:util";
import { compareLedgers } from "./growth/compare-ledgers.ts";
import { comparePipelines } from "./growth/compare-pipelines.ts";
import type { Installation } from "./growth/installation.ts";
import { openInstallation } from "./growth/installation.ts";
import { BENCH_BOT_ID } from "./pipeline/answering.ts";
import { giveCoreBack, keepOffCore, reserveCore } from "./pipeline/cores.ts";

export const usage =
	"growth [--accounts 1000000] [--active 10000] [--journal 10000000] [--rounds 21] [--seconds 1.5] [--clients 400] [--talk-seconds 4] [--outstanding 256] [--only ledger|pipeline]";

type Options = ReturnType<typeof readOptions>;

/**
 * A small installation and a large one side by side, the same number of people active in both: how much slower the large one
 * is. Both take turns; ratios of each round, their median. 1 is as fast, 0.9 a tenth slower. The
 * ratio of the processor time both took for the same says it, too, and hangs less on what else the machine does.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const { accounts, active, journal } = options;
	const startedAt = performance.now();
	const opened: Installation[] = [];
	try {
		const small = await openInstallation({ accounts: active, active, journal: 0, botId: BENCH_BOT_ID });
		opened.push(small);
		const large = await openInstallation({ accounts, active, journal, botId: BENCH_BOT_ID });
		opened.push(large);
		for (const installation of opened) await installation.checkpoint();
		const seededSeconds = Math.round((performance.now() - startedAt) / 1_000);
		return { ...(await compare(small, large, options)), ...options, seededSeconds };
	} finally {
		for (const installation of opened) await installation.destroy();
	}
}

async function compare(
	small: Installation,
	large: Installation,
	options: Options,
): Promise<Record<string, unknown>> {
	const ledgers = options.only === "pipeline" ? {} : await compareLedgers(small, large, options);
	if (options.only === "ledger") return ledgers;
	for (const installation of [small, large]) await installation.checkpoint();
	return { ...ledgers, ...(await compareAnswers(small, large, options)) };
}

/** The program under test has one core for itself, everything else shares the others. */
async function compareAnswers(
	small: Installation,
	large: Installation,
	{ rounds, talkSeconds: seconds, outstanding, accounts, active }: Options,
): Promise<Record<string, unknown>> {
	const cores = await reserveCore();
	try {
		const servers = [small, large].flatMap(({ serverPid }) => serverPid ?? []);
		if (cores !== undefined) await keepOffCore(cores, servers);
		const spacing = Math.trunc(accounts / active);
		return await comparePipelines(small, large, { rounds, seconds, outstanding, active, spacing, cores });
	} finally {
		if (cores !== undefined) await giveCoreBack(cores);
	}
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			accounts: { type: "string", default: "1000000" },
			active: { type: "string", default: "10000" },
			journal: { type: "string", default: "10000000" },
			rounds: { type: "string", default: "21" },
			seconds: { type: "string", default: "1.5" },
			clients: { type: "string", default: "400" },
			"talk-seconds": { type: "string", default: "4" },
			outstanding: { type: "string", default: "256" },
			only: { type: "string" },
		},
	});
	return {
		accounts: Number(values.accounts),
		active: Number(values.active),
		journal: Number(values.journal),
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
		clients: Number(values.clients),
		talkSeconds: Number(values["talk-seconds"]),
		outstanding: Number(values.outstanding),
		only: values.only,
	};
}
