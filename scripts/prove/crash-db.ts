import { runCrashes } from "./flow/crash-run.ts";
import { loseCommits } from "./mutants/lose-commits.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";

const LONG = {
	...{ seconds: 40, nodes: 3, chats: 150, questionsEach: 8, spares: 24 },
	...{ killEveryMs: 400, killDatabaseEveryMs: 3_000, drainMs: 90_000 },
};
const SHORT = {
	...{ seconds: 3, nodes: 2, chats: 20, questionsEach: 2, spares: 1 },
	...{ killEveryMs: 1_500, killDatabaseEveryMs: 1_800, drainMs: 40_000 },
};

/** Commits that are acknowledged before they are on the disk. */
export const mutants: readonly string[] = ["async-commit"];

/** As `crash`, and every process of PostgreSQL is killed every 3 s: what was acknowledged was on the disk. */
export async function prove({ seed, seconds, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const plan = isShort ? SHORT : LONG;
	return await runCrashes({
		...plan,
		seconds: seconds ?? plan.seconds,
		seed,
		...(mutant === "async-commit" && { breakDatabase: loseCommits }),
	});
}
