import { AMOUNT_MICRO_MAX } from "../../ledger/ledger.ts";
import type { HeldLease } from "./held-lease.ts";

/** An account is worth a lease when it made so many calls before this one within so long. */
const CALLS_MIN = 3;
const CALLS_MS = 30_000;
/** Of what is free a lease is no more than this part. */
const SHARE = 16;
/** A lease is worth its statements from so many calls on. */
const HOLDS_MIN = 2;
const HOLDS_FIRST = 8;
const HOLDS_MAX = 512;
/** A lease that is used up sooner was too small. */
const SHORT_MS = 5_000;
const FREE_KNOWN_MS = 5_000;
const REFUSED_MS = 500;
const ACCOUNTS_MAX = 10_000;

/** What a node remembers of an account that calls. */
export class LeasedAccount {
	readonly accountId: string;
	/** The one calls are paid from; a closed one pays nothing. */
	lease: HeldLease | undefined;
	/** Leases of it that are not settled yet. */
	live = 0;
	fetching: Promise<void> | undefined;
	/** The database could not be asked for the next lease. */
	isStuck = false;
	refusedMs = Number.NEGATIVE_INFINITY;
	#begins: number[] = [];
	#freeMicro = 0;
	#freeMs = Number.NEGATIVE_INFINITY;
	#holds = HOLDS_FIRST;
	#leasedMs = Number.NEGATIVE_INFINITY;

	constructor(accountId: string) {
		this.accountId = accountId;
	}

	/** A call begins. True: it is one of many. */
	noteCall(nowMs: number): boolean {
		const before = this.#begins;
		const first = before.length < CALLS_MIN ? undefined : before.shift();
		before.push(nowMs);
		return first !== undefined && nowMs - first <= CALLS_MS;
	}

	mayFetch(nowMs: number): boolean {
		return this.fetching === undefined && nowMs - this.refusedMs >= REFUSED_MS;
	}

	/** What is free is a hint for the size alone: the ledger says what there is. */
	noteFree(micro: number, nowMs: number): void {
		this.#freeMicro = micro;
		this.#freeMs = nowMs;
	}

	/** The account ran short: for a while its calls hold what they need and no more. */
	noteShort(nowMs: number): void {
		this.refusedMs = nowMs;
		this.#freeMs = Number.NEGATIVE_INFINITY;
	}

	knowsFree(nowMs: number): boolean {
		return nowMs - this.#freeMs < FREE_KNOWN_MS;
	}

	/** Undefined: there is too little for a lease. */
	toSize(wantedMicro: number, nowMs: number): number | undefined {
		const boundMicro = Math.min(Math.floor(this.#freeMicro / SHARE), AMOUNT_MICRO_MAX);
		const amountMicro = Math.min(wantedMicro * this.#toHolds(nowMs), boundMicro);
		return amountMicro < wantedMicro * HOLDS_MIN ? undefined : amountMicro;
	}

	/** It was granted: the next one's size follows from how long this one lasts. */
	noteLeased(nowMs: number): void {
		this.#holds = this.#toHolds(nowMs);
		this.#leasedMs = nowMs;
	}

	#toHolds(nowMs: number): number {
		const passedMs = nowMs - this.#leasedMs;
		if (passedMs < SHORT_MS) return Math.min(HOLDS_MAX, this.#holds * 2);
		return passedMs > SHORT_MS * 4 ? Math.max(HOLDS_FIRST, this.#holds / 2) : this.#holds;
	}
}

/** The accounts that called last; the longest silent ones without a lease are forgotten. */
export function createAccounts(): { find(accountId: string): LeasedAccount } {
	const known = new Map<string, LeasedAccount>();
	return {
		find(accountId) {
			const account = known.get(accountId) ?? new LeasedAccount(accountId);
			known.delete(accountId);
			known.set(accountId, account);
			if (known.size > ACCOUNTS_MAX) forgetOne(known);
			return account;
		},
	};
}

function forgetOne(known: Map<string, LeasedAccount>): void {
	for (const [accountId, { live, fetching }] of known) {
		if (live > 0 || fetching !== undefined) continue;
		known.delete(accountId);
		return;
	}
}
