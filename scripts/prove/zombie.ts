import { forgetTokens } from "./mutants/no-token.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { sleepOnce } from "./zombie/sleep-round.ts";

const LONG = { chats: 30, others: 2 };
const SHORT = { chats: 6, others: 1 };

/** Whoever ever held a lane may write to it. */
export const mutants: readonly string[] = ["no-token"];

/**
 * A node sleeps for longer than its leases and wakes up while others work in its lanes: nothing it writes touches a row, and it
 * sends nothing. Once as it is, and once without any clock of its own, where the token in the database is all that holds it.
 */
export async function prove({ seed, isShort, mutant }: ProveOptions): Promise<ProveResult> {
	const plan = {
		...(isShort ? SHORT : LONG),
		seed,
		...(mutant === "no-token" && { breakDatabase: forgetTokens }),
	};
	const unaware = await sleepOnce({ ...plan, isUnaware: true });
	const isTold = unaware.writesRefused > 0;
	if (isShort || mutant !== undefined) return { passed: unaware.isRight && isTold, figures: { unaware } };
	const aware = await sleepOnce({ ...plan, isUnaware: false });
	return { passed: unaware.isRight && isTold && aware.isRight, figures: { aware, unaware } };
}
