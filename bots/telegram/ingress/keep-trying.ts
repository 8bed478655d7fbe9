import { setTimeout as sleep } from "node:timers/promises";
import { GrammyError } from "grammy";
import { CallFailure } from "../api/call-failure.ts";
import { toSendResult } from "../api/send-result.ts";
import type { TelegramLog } from "../telegram-log.ts";

export type Patience = {
	readonly signal: AbortSignal;
	/** First pause; doubles up to maxMs. Telegram's own retry_after goes before. */
	readonly baseMs: number;
	readonly maxMs: number;
};

/** Whoever asks for more than an hour is asked again all the same. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** Repeats until it succeeds or the signal aborts; undefined then. Says so once a failure is new. */
export async function keepTrying<Value>(
	task: () => Promise<Value>,
	what: string,
	log: TelegramLog,
	patience: Patience,
): Promise<Value | undefined> {
	let lastWhy: string | undefined;
	for (let failures = 0; !patience.signal.aborted; failures += 1) {
		try {
			return await task();
		} catch (error) {
			if (patience.signal.aborted) return undefined;
			const why = whyOf(error);
			if (why !== lastWhy) log.warn({ why }, `${what} failed, trying again`);
			lastWhy = why;
			await pause(pauseMs(error, failures, patience), patience.signal);
		}
	}
	return undefined;
}

/** What went wrong, without what was sent: grammY's errors carry the payload, a database's message may quote the row. */
export function whyOf(error: unknown): string {
	if (error instanceof GrammyError) return `${error.error_code}: ${error.description}`;
	if (error instanceof CallFailure) return error.message;
	if (!(error instanceof Error)) return "unknown";
	return "code" in error ? `${error.name} ${String(error.code)}` : error.name;
}

/** How long to wait after so many failures in a row; at random, so that nodes do not march in step. */
export function pauseMs(
	error: unknown,
	failures: number,
	{ baseMs, maxMs }: Omit<Patience, "signal">,
): number {
	const result = error instanceof GrammyError ? toSendResult(error) : "unchanged";
	if (result !== "unchanged" && result.kind === "not-sent" && result.retryAfterMs !== undefined) {
		return Math.min(result.retryAfterMs, RETRY_AFTER_MAX_MS);
	}
	return Math.min(baseMs * 2 ** Math.min(failures, 12), maxMs) * (0.5 + Math.random() / 2);
}

/** Resolves early when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
	await sleep(ms, undefined, { signal }).catch(() => undefined);
}
