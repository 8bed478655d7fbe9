import { randomUUID } from "node:crypto";
import type { LeaseExchange } from "../../ledger/exchange-lease.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Heartbeats } from "../heartbeats.ts";
import { RESERVATION_TTL_MS } from "../heartbeats.ts";
import type { LeaseShare, UsageEntry } from "../model-call.ts";
import type { LeaseFigures } from "./lease.ts";
import { Lease } from "./lease.ts";
import type { UsageRows } from "./usage-rows.ts";

export type HeldLeaseDeps = {
	readonly ledger: Pick<Ledger, "reserve" | "settle" | "balance">;
	readonly exchange: (exchange: LeaseExchange) => Promise<boolean>;
	readonly rows: UsageRows;
	readonly heartbeats: Pick<Heartbeats, "begin">;
	readonly onTrouble: (message: string, error: unknown) => void;
	/** Milliseconds of a clock that never goes back. */
	readonly now: () => number;
};

/** Without a call for so long a lease is settled. */
const IDLE_MS = 10_000;
/** After so long nothing more is taken from it. */
const AGE_MS_MAX = 15_000;
/** How long before its expiry a lease is no longer used, whatever else. */
const MARGIN_MS = 30_000;
/** How long calls under way may keep what they do not need themselves. */
const LINGER_MS = 1_000;

/** A lease with what is done about it at the database: one thing at a time, and what fails is tried again by a later beat. */
export class HeldLease {
	readonly lease: Lease;
	readonly #deps: HeldLeaseDeps;
	readonly #onSettled: () => void;
	#endHeartbeat: () => void;
	#closedMs: number | undefined;
	#work: Promise<void> | undefined;
	/** Under way, or of an outcome nobody knows yet: rows wait until it is known under which id they were spent. */
	#exchange: { readonly before: LeaseFigures; readonly newLeaseId: string } | undefined;
	readonly #rows: UsageEntry[] = [];
	#cannotExchange = false;

	constructor(
		deps: HeldLeaseDeps,
		given: {
			readonly id: string;
			readonly accountId: string;
			readonly amountMicro: number;
			/** When it was asked for. */
			readonly startMs: number;
			readonly onSettled: () => void;
		},
	) {
		const { id, accountId, amountMicro, startMs: nowMs, onSettled } = given;
		const usableMs = RESERVATION_TTL_MS - MARGIN_MS;
		this.lease = new Lease({ id, accountId, amountMicro, nowMs, usableMs });
		this.#deps = deps;
		this.#onSettled = onSettled;
		this.#endHeartbeat = deps.heartbeats.begin(id);
	}

	/** Undefined: it has not that much. */
	take(wantedMicro: number): LeaseShare | undefined {
		if (!this.lease.take(wantedMicro, this.#deps.now())) return undefined;
		let isOver = false;
		return {
			end: (chargedMicro, usage) => {
				if (isOver) return;
				isOver = true;
				this.#end(wantedMicro, chargedMicro, usage);
			},
		};
	}

	/** isStuck: no other can be had, so that this one goes on until shortly before its expiry. */
	isDue(isStuck: boolean): boolean {
		const { lease } = this;
		const nowMs = this.#deps.now();
		if (this.#work !== undefined) return false;
		if (this.#exchange !== undefined) return true;
		const isOld = (!isStuck && nowMs - lease.bornMs >= AGE_MS_MAX) || nowMs >= lease.usableUntilMs;
		if (lease.calls === 0) return isOld || lease.isClosed || nowMs - lease.usedMs >= IDLE_MS;
		if (this.#cannotExchange) return false;
		if (this.#closedMs !== undefined) return this.#hasMore() && nowMs - this.#closedMs >= LINGER_MS;
		return isOld;
	}

	/** Nothing more is taken from it; it ends with its last call. */
	retire(): void {
		this.#closedMs ??= this.#deps.now();
		this.lease.close();
		this.#endIfDone();
	}

	/** Gives back what no call under way holds: all of it where there is none. Never throws. */
	async release(): Promise<void> {
		this.#closedMs ??= this.#deps.now();
		this.lease.close();
		if (this.#exchange !== undefined || (this.lease.calls > 0 && !this.#cannotExchange)) {
			await this.#once(async () => await this.#trim());
		}
		if (this.lease.calls === 0 && this.#exchange === undefined) await this.#finish();
	}

	/** More than its calls under way need. */
	#hasMore(): boolean {
		return this.lease.leftMicro + this.lease.dueMicro > 0;
	}

	#end(heldMicro: number, chargedMicro: number, usage: UsageEntry | undefined): void {
		const { lease } = this;
		if (usage !== undefined && this.#exchange !== undefined) this.#rows.push(usage);
		else if (usage !== undefined) this.#deps.rows.push({ ...usage, leaseId: lease.id });
		lease.end(heldMicro, chargedMicro, this.#deps.now());
		this.#endIfDone();
	}

	#endIfDone(): void {
		const isIdle = this.#work === undefined && this.#exchange === undefined;
		if (isIdle && this.lease.isClosed && this.lease.calls === 0) void this.#finish();
	}

	async #once(run: () => Promise<void>): Promise<void> {
		this.#work ??= run()
			.catch((error: unknown) => this.#deps.onTrouble("a quota lease is settled later", error))
			.finally(() => {
				this.#work = undefined;
			});
		await this.#work;
	}

	/** Its rows come first: what is charged is written down. */
	async #finish(): Promise<void> {
		const { ledger, rows } = this.#deps;
		await this.#once(async () => {
			await rows.flush();
			await ledger.settle({ reservationId: this.lease.id, actualMicro: this.lease.dueMicro });
			this.#endHeartbeat();
			this.#onSettled();
		});
	}

	/** Settles what was spent, and keeps no more than calls under way hold. */
	async #trim(): Promise<void> {
		const { lease } = this;
		const { rows, exchange, heartbeats } = this.#deps;
		if (this.#exchange === undefined) {
			if (lease.calls === 0) return;
			this.#exchange = { before: lease.freeze(), newLeaseId: randomUUID() };
		}
		const { before, newLeaseId } = this.#exchange;
		// What it is settled with is written down; what calls spend from here on goes with the next one.
		await rows.flush();
		const isDone = await exchange({
			...{ leaseId: lease.id, accountId: lease.accountId, newLeaseId, heldMicro: before.heldMicro },
			...{ spentMicro: before.spentMicro + before.overMicro, ttlMs: RESERVATION_TTL_MS },
		});
		this.#exchange = undefined;
		this.#cannotExchange = !isDone;
		if (isDone) {
			lease.exchanged(newLeaseId, before);
			this.#endHeartbeat();
			this.#endHeartbeat = heartbeats.begin(newLeaseId);
		}
		for (const usage of this.#rows.splice(0)) rows.push({ ...usage, leaseId: lease.id });
	}
}
