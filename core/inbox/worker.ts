import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import type { ChannelBook } from "../channels/channel-book.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createCooldown } from "../outbox/cooldown.ts";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import { createCheckpoint } from "./checkpoint.ts";
import { claimLanes, SUSPICION_MAX, suspicionOf } from "./claim.ts";
import { createClaimLoop } from "./claim-loop.ts";
import { withCrashPointsAfterWrites } from "./crash-delivery.ts";
import { discardWhenFenced, leaveFencedLane } from "./fenced-turns.ts";
import type { FlowLog } from "./flow-log.ts";
import type { Hints } from "./hints.ts";
import type { Leases } from "./leases.ts";
import { createLeases } from "./leases.ts";
import type { Results } from "./results.ts";
import { runTurn } from "./run-turn.ts";
import { stopTurns } from "./stop-turns.ts";
import type { TurnDeps } from "./turn-deps.ts";
import { createWatchers } from "./watchers.ts";
import { createWriteState } from "./write-state.ts";

export type Worker = {
	start(): void;
	/** Claims nothing more, lets running turns finish for at most stopGraceMs, then gives their lanes to other nodes at once. */
	stop(): Promise<void>;
	/** Something may be due. */
	kick(): void;
	/** True while it would take new work at once. */
	hasRoom(): boolean;
	/** As Core.watchText. */
	watchText(inboxId: string, onText: (text: string) => void): () => void;
	/** Turns under way. */
	readonly size: number;
};

export type WorkerOptions = {
	readonly db: Knex;
	readonly channels: ChannelBook;
	/** The pipeline. Failures a user should read are outcomes; what it throws is tried again, five times at most. */
	readonly handle: (turn: Turn) => Promise<TurnOutcome>;
	readonly ledger: Pick<Ledger, "settle" | "settleIn">;
	readonly hints: Hints;
	readonly results: Results;
	readonly log: FlowLog;
	/** Turns at a time. */
	readonly concurrency: number;
	readonly leaseTtlMs: number;
	/** How often due lanes are looked for when no hint arrives. */
	readonly pollMs?: number;
	readonly stopGraceMs?: number;
};

const POLL_MS = 200;
const STOP_GRACE_MS = 7_500;

/** Takes due lanes and answers their events, as many at a time as it has room for. */
export function createWorker(options: WorkerOptions): Worker {
	const { db, channels, log, hints, concurrency, leaseTtlMs } = options;
	const owner = randomUUID();
	const leases = createLeases({ db, ttlMs: leaseTtlMs, log });
	const watchers = createWatchers();
	const deps: TurnDeps = {
		db,
		channels,
		leases,
		watchers,
		log,
		results: options.results,
		cooldown: createCooldown(),
		handle: discardWhenFenced({ ledger: options.ledger, log }, options.handle),
		checkpoint: createCheckpoint(db, options.ledger),
		ledger: options.ledger,
		writeState: withCrashPointsAfterWrites(createWriteState(db)),
	};
	const running = new Set<Promise<void>>();
	const unsubscribe: (() => void)[] = [];
	let timer: NodeJS.Timeout | undefined;
	let isRunning = false;
	const room = (): number => (isRunning ? concurrency - leases.held.size : 0);
	const { kick, looking } = createClaimLoop({
		log,
		room,
		claim: async (limit) => {
			const request = { owner, bots: channels.bots, ttlMs: leaseTtlMs, limit };
			return await claimLanes(db, { ...request, suspicion: freeSuspicion(leases) });
		},
		begin(claim, claimedAt) {
			const turn = leases.hold(claim, claimedAt);
			const done = runTurn(deps, turn).then((isMore) => {
				const wasFull = room() <= 0;
				leases.drop(turn);
				running.delete(done);
				// A node that stops gives the lanes back itself, and there the attempt does not count.
				if (isRunning && !leases.isLive(turn)) void leaveFencedLane(deps, turn, leaseTtlMs);
				if (isMore || wasFull) kick();
			});
			running.add(done);
		},
	});

	return {
		kick,
		hasRoom: () => room() > 0,
		watchText: watchers.watch,
		get size() {
			return leases.held.size;
		},
		start() {
			if (isRunning) return;
			isRunning = true;
			leases.start();
			unsubscribe.push(hints.on("work", kick), hints.on("stop", leases.requestStop));
			timer = setInterval(kick, options.pollMs ?? POLL_MS);
			kick();
		},
		async stop() {
			isRunning = false;
			clearInterval(timer);
			// What was claimed a moment ago is under way too.
			const look = looking();
			if (look !== undefined) {
				const begun = look.then(() => {
					running.delete(begun);
				});
				running.add(begun);
			}
			await stopTurns(deps, running, options.stopGraceMs ?? STOP_GRACE_MS);
			for (const end of unsubscribe.splice(0)) end();
			leases.stop();
		},
	};
}

function freeSuspicion({ held }: Leases): number {
	let free = SUSPICION_MAX;
	for (const { claim } of held) free -= suspicionOf(claim);
	return Math.max(0, free);
}
