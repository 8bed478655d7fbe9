import { runCrashes } from "./flow/crash-run.ts";
import { ignoreLeases } from "./mutants/ignore-leases.ts";
import { NAIVE_SEND } from "./mutants/naive-send.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";

const LONG = {
	...{ seconds: 40, nodes: 3, chats: 150, questionsEach: 10, spares: 24 },
	...{ killEveryMs: 400, drainMs: 90_000 },
};
const SHORT = {
	...{ seconds: 3, nodes: 2, chats: 20, questionsEach: 3, spares: 2 },
	...{ killEveryMs: 800, drainMs: 40_000 },
};

/** naive-send: no placeholder, sent again when in doubt. no-lane-lock: lanes are claimed whoever works on them. */
export const mutants: readonly string[] = ["naive-send", "no-lane-lock"];

/** Three nodes, one of them killed all the time, a Telegram that fails and repeats: nothing lost, nothing twice, in order. */
export async function prove({ seed, seconds, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const plan = isShort ? SHORT : LONG;
	return await runCrashes({
		...plan,
		seconds: seconds ?? plan.seconds,
		seed,
		...(mutant === "naive-send" && { edits: NAIVE_SEND }),
		...(mutant === "no-lane-lock" && { breakDatabase: ignoreLeases }),
	});
}
