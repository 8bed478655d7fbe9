import type { Knex } from "knex";
import type { TurnResult } from "../pipeline/message.ts";
import type { Hints } from "./hints.ts";
import { isInboxId } from "./stop.ts";

/** Waiting for the answers of turns, whichever node makes them. */
export type Results = {
	/** The stored result as soon as there is one; undefined when `signal` aborts first. */
	waitForResult(inboxId: string, signal: AbortSignal): Promise<TurnResult | undefined>;
	/** True when somebody on this node waits for it. */
	isAwaited(inboxId: string): boolean;
	/** A turn of this node has its answer committed. */
	publish(inboxId: string, result: TurnResult): void;
	stop(): void;
};

export type ResultsOptions = {
	readonly db: Knex;
	readonly hints: Hints;
	/** How often the database is asked for what is waited for, should no news arrive. */
	readonly pollMs?: number;
};

const POLL_MS = 500;
const IDS_MAX = 500;

type Row = { readonly id: string; readonly result: TurnResult | null; readonly status: string };
type Waiting = Map<string, Set<(result: TurnResult | undefined) => void>>;

export function createResults({ db, hints, pollMs = POLL_MS }: ResultsOptions): Results {
	const waiting: Waiting = new Map();
	let timer: NodeJS.Timeout | undefined;
	let isAsking = false;
	const unsubscribe = hints.on("result", (payload) => {
		const ids = payload.split(",").filter((id) => waiting.has(id));
		if (ids.length > 0) void look(ids);
	});

	function publish(inboxId: string, result: TurnResult | undefined): void {
		for (const settle of waiting.get(inboxId) ?? []) settle(result);
	}

	async function look(ids: readonly string[]): Promise<void> {
		try {
			for (const row of await findResults(db, ids)) publish(row.id, row.result ?? withoutAnswer(row.status));
		} catch {
			// A database that is away comes back, and the next poll asks again.
		}
	}

	async function poll(): Promise<void> {
		if (isAsking) return;
		isAsking = true;
		const ids = [...waiting.keys()];
		for (let from = 0; from < ids.length; from += IDS_MAX) await look(ids.slice(from, from + IDS_MAX));
		isAsking = false;
		if (waiting.size > 0 && timer === undefined) {
			timer = setTimeout(() => {
				timer = undefined;
				void poll();
			}, pollMs);
		}
	}

	return {
		publish,
		isAwaited: (inboxId) => waiting.has(inboxId),
		async waitForResult(inboxId, signal) {
			if (signal.aborted || !isInboxId(inboxId)) return undefined;
			const isFirst = waiting.size === 0;
			const result = waitIn(waiting, inboxId, signal);
			// It may be there already: a repeated request, or a fast answer.
			if (isFirst) void poll();
			else void look([inboxId]);
			return await result;
		},
		stop() {
			unsubscribe();
			clearTimeout(timer);
			for (const inboxId of [...waiting.keys()]) publish(inboxId, undefined);
		},
	};
}

async function waitIn(
	waiting: Waiting,
	inboxId: string,
	signal: AbortSignal,
): Promise<TurnResult | undefined> {
	return await new Promise((resolve) => {
		const settle = (result: TurnResult | undefined): void => {
			signal.removeEventListener("abort", giveUp);
			const others = waiting.get(inboxId);
			others?.delete(settle);
			if (others?.size === 0) waiting.delete(inboxId);
			resolve(result);
		};
		const giveUp = (): void => settle(undefined);
		signal.addEventListener("abort", giveUp);
		const others = waiting.get(inboxId) ?? new Set();
		others.add(settle);
		waiting.set(inboxId, others);
	});
}

async function findResults(db: Knex, ids: readonly string[]): Promise<readonly Row[]> {
	const { rows } = await db.raw<{ rows: Row[] }>(
		`select id, result, status from inbox where id = any (?::bigint[]) and (checkpointed_at is not null or status <> 'ready')`,
		[[...ids]],
	);
	return rows;
}

/** Events that ended without a turn of their own. */
function withoutAnswer(status: string): TurnResult {
	return status === "refused"
		? { replies: [], error: { code: "RATE_LIMITED", retryable: true } }
		: { replies: [], error: { code: "INTERNAL", retryable: true } };
}
