import type { Knex } from "knex";
import { listIntentRules } from "../db/intents.ts";
import { createIntentMatcher } from "./create-intent-matcher.ts";
import type { IntentMatcher } from "./intent.ts";

/** An edit in the panel is seen by every node this soon. */
const CACHE_MS = 30_000;

export type LiveIntents = {
	/** By the rules as they were read last; never waits. Before the first `reload` nothing matches. */
	readonly match: IntentMatcher;
	/** Reads the rules now; builds only when they changed. */
	reload(): Promise<void>;
};

/**
 * Rules from the database, read again in the background when they are 30 s old. While they are read, and when that fails
 * (`onError`), the last ones go on. `nowMs` is any monotonic clock.
 */
export function createLiveIntents(options: {
	readonly db: Knex;
	readonly onError: (error: unknown) => void;
	readonly nowMs?: () => number;
}): LiveIntents {
	const { db, onError, nowMs = () => performance.now() } = options;
	let match: IntentMatcher = () => [];
	let fingerprint: string | undefined;
	let readAtMs = nowMs();
	let running: Promise<void> | undefined;

	async function read(): Promise<void> {
		readAtMs = nowMs();
		const rules = await listIntentRules(db);
		const seen = JSON.stringify(rules);
		if (seen === fingerprint) return;
		match = createIntentMatcher(rules);
		fingerprint = seen;
	}

	async function reload(): Promise<void> {
		running ??= read().finally(() => {
			running = undefined;
		});
		await running;
	}

	return {
		match: (text) => {
			if (fingerprint !== undefined && nowMs() - readAtMs >= CACHE_MS) void reload().catch(onError);
			return match(text);
		},
		reload,
	};
}
