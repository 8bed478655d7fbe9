import type { Channel } from "../channels/channel.ts";
import { createChannelBook } from "../channels/channel-book.ts";
import type { AcceptOutcome } from "../core.ts";
import type { Inbox } from "../inbox/accept.ts";
import { createInbox } from "../inbox/accept.ts";
import type { Hints } from "../inbox/hints.ts";
import { createHints } from "../inbox/hints.ts";
import type { Results } from "../inbox/results.ts";
import { createResults } from "../inbox/results.ts";
import type { Worker, WorkerOptions } from "../inbox/worker.ts";
import { createWorker } from "../inbox/worker.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import type { TestDb } from "./create-test-db.ts";
import type { FakeBody } from "./fake-channel.ts";
import { pollUntil } from "./poll-until.ts";
import type { SilentLog } from "./silent-log.ts";
import { silentLog } from "./silent-log.ts";

/** One node of the message flow, with a channel and a pipeline of the test's own. */
export type TestNode = {
	readonly inbox: Inbox;
	readonly worker: Worker;
	readonly hints: Hints;
	readonly results: Results;
	readonly log: SilentLog;
	/** Turns the pipeline was asked for, in order. */
	readonly turns: Turn[];
	accept(
		body: FakeBody,
		eventId?: string,
		options?: { readonly lane?: string; readonly queueMax?: number },
	): Promise<AcceptOutcome>;
	stop(): Promise<void>;
};

export type TestNodeOptions = Partial<Omit<WorkerOptions, "db" | "channels">> & {
	readonly channel: Channel;
	/** Hears other nodes. */
	readonly isListening?: boolean;
	/** False: it does not work until the test starts the worker. */
	readonly isStarted?: boolean;
};

let eventIds = 0;

/** A node over a test database. The default pipeline answers "re: <text>". */
export function createTestNode({ db, url }: TestDb, options: TestNodeOptions): TestNode {
	const { channel, isListening = false, isStarted = true, ...changes } = options;
	const log = silentLog();
	const hints = changes.hints ?? createHints({ log, ...(isListening && { url }) });
	const results = changes.results ?? createResults({ db, hints, pollMs: 20 });
	const turns: Turn[] = [];
	const handle = changes.handle ?? echo;
	const worker = createWorker({
		ledger: noLedger,
		log,
		concurrency: 50,
		leaseTtlMs: 60_000,
		pollMs: 20,
		...changes,
		db,
		hints,
		results,
		channels: createChannelBook([{ botId: "*", channel }]),
		handle: async (turn) => {
			turns.push(turn);
			return await handle(turn);
		},
	});
	const inbox = createInbox({ db, log, worker });
	hints.start();
	if (isStarted) worker.start();
	return {
		inbox,
		worker,
		hints,
		results,
		log,
		turns,
		async accept(body, eventId, { lane, queueMax = 20 } = {}) {
			eventIds += 1;
			return await inbox.accept({
				platform: channel.platform,
				botId: "7",
				eventId: eventId ?? String(eventIds),
				lane: lane ?? `${channel.platform}:7:${body.chatId}`,
				bodyJson: JSON.stringify(body),
				queueMax,
			});
		},
		async stop() {
			await worker.stop();
			results.stop();
			await hints.stop();
		},
	};
}

/** The simplest pipeline: says back what was said. */
export async function echo({ inbound }: Turn): Promise<TurnOutcome> {
	const { content } = inbound;
	return toAnswer(`re: ${content.kind === "text" ? content.text : content.kind}`);
}

export function toAnswer(...markdowns: readonly string[]): TurnOutcome {
	return { result: { replies: markdowns.map((markdown) => ({ markdown })) }, settlements: [], usage: [] };
}

const noLedger: Pick<Ledger, "settle" | "settleIn"> = {
	settle: async ({ actualMicro }) => ({ kind: "settled", chargedMicro: actualMicro, overrunMicro: 0 }),
	settleIn: async (_, settlements) =>
		settlements.map(({ actualMicro }) => ({ kind: "settled", chargedMicro: actualMicro, overrunMicro: 0 })),
};

/** Until no lane has work and none is leased. */
export async function settleAll({ db }: TestDb, boundMs?: number): Promise<void> {
	await pollUntil(async () => {
		const busy = await db("lanes").where("has_work", true).orWhereNotNull("owner").first("lane");
		return busy === undefined;
	}, boundMs);
}
