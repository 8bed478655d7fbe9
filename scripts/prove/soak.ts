import { loseCommits } from "./mutants/lose-commits.ts";
import { NAIVE_SEND } from "./mutants/naive-send.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { LONG_HABITS, SHORT_HABITS } from "./soak/fault-plan.ts";
import { runSoak } from "./soak/soak-run.ts";

const LONG = {
	// Everybody asks twice a minute: twenty that wait, which is where a chat's messages are refused, are ten minutes' worth.
	...{ seconds: 600, perSecond: 50, chats: 1_500, mortals: 2, spares: 2 },
	...{ faultEveryMs: 5_000, habits: LONG_HABITS, leaseTtlMs: 20_000, drainMs: 60_000 },
};
const SHORT = {
	...{ seconds: 10, perSecond: 20, chats: 60, mortals: 1, spares: 1 },
	...{ faultEveryMs: 1_000, habits: SHORT_HABITS, leaseTtlMs: 5_000, drainMs: 60_000 },
};
/** What was not on the disk is seen only where PostgreSQL is killed while it takes messages in. */
const DATABASE_ONLY = {
	...{ seconds: 15, perSecond: 40 },
	leftOut: ["kill-app", "freeze-app", "black-hole", "redis-down", "telegram-down"],
} as const;
const MEMORY_GROWTH_MAX = 0.1;
/** In less a node has not even compiled what it runs most. */
const MEMORY_SECONDS_MIN = 300;

/** naive-send: sent again when in doubt. async-commit: acknowledged before it is on the disk. */
export const mutants: readonly string[] = ["naive-send", "async-commit"];

/**
 * 50 updates a second, and every 5 s a fault of chance: a node or PostgreSQL killed, a node frozen, PostgreSQL behind a black
 * hole, Redis or Telegram down. Nothing lost, nothing twice, in order, the rest worked off in a minute, no memory gathered.
 */
export async function prove({ seed, seconds, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const usual = isShort || mutant !== undefined ? SHORT : LONG;
	const plan = mutant === "async-commit" ? { ...usual, ...DATABASE_ONLY } : usual;
	const length = seconds ?? plan.seconds;
	return await runSoak({
		...plan,
		seconds: length,
		seed,
		memoryGrowthMax: length >= MEMORY_SECONDS_MIN ? MEMORY_GROWTH_MAX : undefined,
		...(mutant === "naive-send" && { edits: NAIVE_SEND }),
		...(mutant === "async-commit" && { breakDatabase: loseCommits }),
	});
}
