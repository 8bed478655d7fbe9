import type { TurnDeps } from "./turn-deps.ts";

/** What a turn whose lease is taken away may still need to give back what it holds. */
const LEAVE_MS = 500;

/**
 * Waits for the turns under way, then takes the leases of those that are left away from this node: what they still do is
 * discarded, and another node begins at once. Such an attempt does not count.
 */
export async function stopTurns(
	{ leases, writeState, log }: Pick<TurnDeps, "leases" | "writeState" | "log">,
	running: ReadonlySet<Promise<void>>,
	graceMs: number,
): Promise<void> {
	await waitForAll(running, graceMs);
	const left = [...leases.held];
	if (left.length === 0) return;
	log.warn({ turns: left.length }, "turns left to other nodes");
	for (const turn of left) leases.fence(turn);
	// The next attempt has the same number: what this one holds must be free before that begins.
	await waitForAll(running, LEAVE_MS);
	await Promise.all(
		left.map(async ({ claim }) => {
			await writeState(claim, { finish: "handback" }).catch((error: unknown) => {
				log.warn({ err: error, inboxId: claim.inboxId }, "lane not given back; its lease will end");
			});
		}),
	);
}

async function waitForAll(running: ReadonlySet<Promise<void>>, waitMs: number): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const isOver = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, waitMs);
	});
	// A claim that was under way may still bring some.
	const allDone = async (): Promise<void> => {
		while (running.size > 0) await Promise.all(running);
	};
	await Promise.race([allDone(), isOver]);
	clearTimeout(timer);
}
