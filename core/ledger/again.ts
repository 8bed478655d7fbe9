import { setTimeout as wait } from "node:timers/promises";

const TRIES_MAX = 3;
const PAUSE_MS = 40;

/**
 * SQLSTATEs and socket errors after which the same statement may be sent once more: a deadlock or serialization failure was
 * rolled back, and a lost connection leaves open whether it was committed, which our statements find out by their ids.
 */
const AGAIN = new Set([
	"40P01",
	"40001",
	"57P01",
	"57P02",
	"57P03",
	"08000",
	"08003",
	"08006",
	"ECONNRESET",
	"ECONNREFUSED",
	"EPIPE",
]);

/** Runs `work` up to three times; `isRepeat` tells it that an earlier try may have been committed. */
export async function tryAgain<Result>(work: (isRepeat: boolean) => Promise<Result>): Promise<Result> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await work(tries > 1);
		} catch (error) {
			if (tries === TRIES_MAX || !mayTryAgain(error)) throw error;
			await wait(PAUSE_MS * tries * (1 + Math.random()));
		}
	}
}

function mayTryAgain(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const { code } = error as { code?: unknown };
	if (typeof code === "string") return AGAIN.has(code);
	// pg gives a connection that broke under a statement no code
	return error.message.includes("Connection terminated");
}

/**
 * True for errors that one item of a batch can cause (data, constraints, raised by our functions): its neighbours are worth
 * a try of their own. After any other error they are not: each would wait for the same dead server.
 */
export function isItemFault(error: unknown): boolean {
	const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
	return typeof code === "string" && /^(22|23|P0)/.test(code);
}
