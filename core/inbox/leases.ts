import type { Knex } from "knex";
import type { Claim } from "./claim.ts";
import type { FlowLog } from "./flow-log.ts";
import type { Renewed } from "./renew.ts";
import { renewLeases } from "./renew.ts";

/** A claimed event while this node works on it. */
export type HeldTurn = {
	readonly claim: Claim;
	/** Aborted with "stopped" (the user's wish) or "fenced" (the lease may be lost). */
	readonly controller: AbortController;
	/** performance.now() of the claim. */
	readonly startedAt: number;
	/** performance.now() after which nothing may be sent any more. */
	liveUntil: number;
};

/** The leases of this node: renewed together, given up locally well before anybody else can take them. */
export type Leases = {
	/** claimedAt: performance.now() before the claim was sent, so that the lease ends later than we think. */
	hold(claim: Claim, claimedAt: number): HeldTurn;
	drop(turn: HeldTurn): void;
	isLive(turn: HeldTurn): boolean;
	/** The user wants this turn stopped; does nothing when it does not run here. */
	requestStop(inboxId: string): void;
	/** From now on the turn may do nothing any more. */
	fence(turn: HeldTurn): void;
	readonly held: ReadonlySet<HeldTurn>;
	start(): void;
	stop(): void;
};

export type LeasesOptions = { readonly db: Knex; readonly ttlMs: number; readonly log: FlowLog };

/** 25 of 60 s: longer than any request to a platform may take (20 s). */
const LIVE_SHARE = 35 / 60;
/** Four renewals a lease; three looks at the clock between two of them. */
const TICKS_PER_TTL = 12;
const TICKS_PER_RENEWAL = 3;

/** Time is monotonic here and the database's there; the clocks of two nodes are never compared. */
export function createLeases({ db, ttlMs, log }: LeasesOptions): Leases {
	const held = new Set<HeldTurn>();
	const newest = new Map<string, HeldTurn>();
	let timer: NodeJS.Timeout | undefined;
	let ticks = 0;
	let isRenewing = false;

	function fence(turn: HeldTurn): void {
		turn.liveUntil = Number.NEGATIVE_INFINITY;
		turn.controller.abort("fenced");
	}

	function tick(): void {
		const now = performance.now();
		for (const turn of held) if (turn.liveUntil <= now) fence(turn);
		ticks += 1;
		if (ticks % TICKS_PER_RENEWAL === 0) void renew();
	}

	function apply(turn: HeldTurn, lease: Renewed | undefined, sentAt: number): void {
		if (lease === undefined) {
			fence(turn);
			return;
		}
		// What was given up while the renewal was under way stays given up.
		if (turn.liveUntil > performance.now()) turn.liveUntil = sentAt + ttlMs * LIVE_SHARE;
		if (lease.isStopRequested) turn.controller.abort("stopped");
	}

	async function renew(): Promise<void> {
		const turns = [...held];
		if (isRenewing || turns.length === 0) return;
		isRenewing = true;
		const sentAt = performance.now();
		try {
			const renewed = await renewLeases(
				db,
				turns.map((turn) => turn.claim),
				ttlMs,
			);
			const byLane = new Map(renewed.map((lease) => [lease.lane, lease]));
			for (const turn of turns) apply(turn, byLane.get(turn.claim.lane), sentAt);
		} catch (error) {
			log.warn({ err: error, leases: turns.length }, "leases not renewed");
		} finally {
			isRenewing = false;
		}
	}

	return {
		held,
		fence,
		hold(claim, claimedAt) {
			const controller = new AbortController();
			const turn = { claim, controller, startedAt: claimedAt, liveUntil: claimedAt + ttlMs * LIVE_SHARE };
			// A lease that this very node lost and took anew: renewals, which go by lane, must not keep the old turn alive.
			const lost = newest.get(claim.lane);
			if (lost !== undefined) fence(lost);
			newest.set(claim.lane, turn);
			held.add(turn);
			if (claim.isStopRequested) controller.abort("stopped");
			return turn;
		},
		drop(turn) {
			held.delete(turn);
			if (newest.get(turn.claim.lane) === turn) newest.delete(turn.claim.lane);
		},
		isLive: (turn) => performance.now() < turn.liveUntil,
		requestStop(inboxId) {
			for (const turn of held) if (turn.claim.inboxId === inboxId) turn.controller.abort("stopped");
		},
		start() {
			timer ??= setInterval(tick, Math.max(10, ttlMs / TICKS_PER_TTL));
		},
		stop() {
			clearInterval(timer);
			timer = undefined;
		},
	};
}
