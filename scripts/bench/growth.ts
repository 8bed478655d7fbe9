import { parseArgs } from "node:util";
import { compareLedgers } from "./growth/compare-ledgers.ts";
import type { Installation } from "./growth/installation.ts";
import { openInstallation } from "./growth/installation.ts";

export const usage =
	"growth [--accounts 1000000] [--active 10000] [--journal 10000000] [--rounds 7] [--seconds 2] [--clients 400] [--only ledger|pipeline]";

type Options = ReturnType<typeof readOptions>;

const BOT_ID = "7000000002";

/**
 * A small installation and a large one side by side, the same number of people active in both: how much slower the large one
 * is. Both take turns; ratios of each round, their median. 1 is as fast, 0.9 a tenth slower.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const { accounts, active, journal } = options;
	const startedAt = performance.now();
	const opened: Installation[] = [];
	try {
		const small = await openInstallation({ accounts: active, active, journal: 0, botId: BOT_ID });
		opened.push(small);
		const large = await openInstallation({ accounts, active, journal, botId: BOT_ID });
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
	{ rounds, seconds, clients, only }: Options,
): Promise<Record<string, unknown>> {
	return only === "pipeline" ? {} : await compareLedgers(small, large, { rounds, seconds, clients });
}

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			accounts: { type: "string", default: "1000000" },
			active: { type: "string", default: "10000" },
			journal: { type: "string", default: "10000000" },
			rounds: { type: "string", default: "7" },
			seconds: { type: "string", default: "2" },
			clients: { type: "string", default: "400" },
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
		only: values.only,
	};
}
