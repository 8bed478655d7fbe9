import { readBooks } from "./flow/books.ts";
import type { Fleet } from "./flow/fleet.ts";
import { startFleet } from "./flow/fleet.ts";
import type { FlowWorld } from "./flow/flow-world.ts";
import { createFlowWorld } from "./flow/flow-world.ts";
import { gatherPeople, isFlawless, lookAt } from "./flow/people.ts";
import { crowdSuspects } from "./mutants/crowd-suspects.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { toModuleMutant } from "./testing/module-mutant.ts";

const LONG = { nodes: 2, neighbours: 100 };
const SHORT = { nodes: 1, neighbours: 20 };

/** Ends the process that works on it, as a fault in native code or a lack of memory would. */
const POISON = "POISON";
const DEADLY: readonly ModuleEdit[] = [
	{
		file: "core/pipeline/handle-message.ts",
		from: "	const { sender } = turn.inbound;\n",
		to: `	const { sender } = turn.inbound;
	if (JSON.stringify(turn.body).includes("${POISON}")) for (process.kill(process.pid, "SIGKILL"); ; );
`,
	},
];
/** Long enough for all to be under way together. */
const GAP_MS = 300;
/** Tries of one event (design: message flow, case 18). */
const TRIES = 5;
const SETTLE_MS = 120_000;

/** Whatever was under way when a process ended is tried again all together. */
export const mutants: readonly string[] = ["crowd"];

/** One message ends every process that works on it, with others beside it: it alone is given up, and says so. */
export async function prove({ seed, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const { nodes, neighbours } = isShort ? SHORT : LONG;
	const world = await createFlowWorld({ seed, gapMs: () => GAP_MS, env: { LOG_LEVEL: "warn" } });
	let fleet: Fleet | undefined;
	try {
		if (mutant === "crowd") await crowdSuspects(world.db);
		const { flags, env } = toModuleMutant(DEADLY);
		const started = startFleet({
			size: nodes,
			spares: nodes,
			env: (number) => ({ ...world.env(number), ...env }),
			flags,
		});
		fleet = started;
		world.balance(() => started.urls[Math.trunc(world.random() * started.urls.length)]);
		await started.untilUp(nodes);
		return await run(world, started, neighbours);
	} finally {
		await fleet?.stop("at once");
		await world.close();
	}
}

async function run(world: FlowWorld, fleet: Fleet, neighbours: number): Promise<ProveResult> {
	const people = gatherPeople({ bot: world.bot, count: neighbours + 1 });
	const [poisoner, ...others] = people;
	if (poisoner === undefined) throw new Error("nobody");
	for (const person of people) person.ask();
	let isSettled = await world.settle(SETTLE_MS);
	const place = Math.trunc(world.random() * others.length);
	const startedAt = performance.now();
	for (const [at, person] of others.entries()) {
		if (at === place) poisoner.chat.sendText(POISON);
		person.ask();
	}
	poisoner.ask();
	isSettled = (await world.settle(SETTLE_MS)) && isSettled;
	const settledMs = Math.round(performance.now() - startedAt);
	const seen = lookAt(people);
	const { figures, isRight } = await readBooks(world.db);
	const told = poisoner.chat.visibleMessages().filter(({ buttons }) => buttons !== undefined).length;
	const deaths = fleet.failures.length;
	return {
		passed:
			isSettled && isFlawless(seen) && isRight && figures["dead"] === 1 && told === 1 && deaths === TRIES,
		figures: { neighbours, ...seen, ...figures, deaths, told, settledMs },
	};
}
