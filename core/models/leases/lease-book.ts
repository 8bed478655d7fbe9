import { randomUUID } from "node:crypto";
import { RESERVATION_TTL_MS } from "../heartbeats.ts";
import type { LeaseShare } from "../model-call.ts";
import type { HeldLeaseDeps } from "./held-lease.ts";
import { HeldLease } from "./held-lease.ts";
import type { LeasedAccount } from "./leased-account.ts";
import { createAccounts } from "./leased-account.ts";

/** Quota this node holds for accounts that call often, so that their calls wait for no database. */
export type LeaseBook = {
	/** Undefined: the call needs a reservation of its own. */
	take(accountId: string, wantedMicro: number): Promise<LeaseShare | undefined>;
	/** Gives back what no call under way holds. True: something may have come back. */
	recall(accountId: string): Promise<boolean>;
	/** Does what is due now: leases that are idle, old or closed. A timer of the book's own runs it. */
	beat(): Promise<void>;
	/** Settles everything; for when no call is under way any more. */
	close(): Promise<void>;
};

export type LeaseBookDeps = Omit<HeldLeaseDeps, "now"> & Partial<Pick<HeldLeaseDeps, "now">>;

/** After so long the next one is fetched while this one is used. */
const RENEW_MS = 7_500;
const BEAT_MS = 250;
const CLOSE_MS_MAX = 3_000;
const LEASES_MAX = 5_000;

export function createLeaseBook(deps: LeaseBookDeps): LeaseBook {
	const book = new Book({ now: () => performance.now(), ...deps });
	const timer = setInterval(() => void book.beat(), BEAT_MS);
	timer.unref();
	return {
		take: async (accountId, wantedMicro) => await book.take(accountId, wantedMicro),
		recall: async (accountId) => await book.recall(accountId),
		beat: async () => await book.beat(),
		async close() {
			clearInterval(timer);
			const { promise: late, resolve } = Promise.withResolvers<void>();
			const patience = setTimeout(resolve, CLOSE_MS_MAX);
			await Promise.race([book.close(), late]);
			clearTimeout(patience);
		},
	};
}

class Book {
	readonly #deps: HeldLeaseDeps;
	readonly #accounts = createAccounts();
	/** Not settled yet. */
	readonly #leases = new Map<HeldLease, LeasedAccount>();
	readonly #fetches = new Set<Promise<void>>();
	#isClosed = false;

	constructor(deps: HeldLeaseDeps) {
		this.#deps = deps;
	}

	async take(accountId: string, wantedMicro: number): Promise<LeaseShare | undefined> {
		const nowMs = this.#deps.now();
		const account = this.#accounts.find(accountId);
		if (!account.noteCall(nowMs) || this.#isClosed || this.#deps.rows.isFull()) return undefined;
		const share = account.lease?.take(wantedMicro);
		if (share !== undefined) {
			if (isThin(account, wantedMicro, nowMs) && this.#mayFetch(account))
				void this.#fetch(account, wantedMicro);
			return share;
		}
		if (account.fetching === undefined && !this.#mayFetch(account)) return undefined;
		const fetched = this.#fetch(account, wantedMicro);
		// The first one is fetched beside the call that is worth it: a reservation of its own is there sooner.
		if (account.lease === undefined || account.lease.lease.isClosed) return undefined;
		await fetched;
		return account.lease?.take(wantedMicro);
	}

	async recall(accountId: string): Promise<boolean> {
		const account = this.#accounts.find(accountId);
		account.noteShort(this.#deps.now());
		await account.fetching;
		const own = [...this.#leases.keys()].filter(
			({ lease }) => lease.accountId === accountId && lease.leftMicro > 0,
		);
		await Promise.all(own.map(async (held) => await held.release()));
		return own.length > 0;
	}

	async beat(): Promise<void> {
		const due = [...this.#leases].filter(([held, account]) => held.isDue(account.isStuck));
		await Promise.all(due.map(async ([held]) => await held.release()));
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all(this.#fetches);
		await this.#deps.rows.flush().catch(() => undefined);
		await Promise.all([...this.#leases.keys()].map(async (held) => await held.release()));
		await this.#deps.rows.flush().catch(() => undefined);
	}

	#mayFetch(account: LeasedAccount): boolean {
		return this.#leases.size < LEASES_MAX && account.mayFetch(this.#deps.now());
	}

	/** The next lease of an account, one at a time: who comes meanwhile waits for the same. Never throws. */
	async #fetch(account: LeasedAccount, wantedMicro: number): Promise<void> {
		if (account.fetching === undefined) {
			const fetching = this.#fetchNext(account, wantedMicro).finally(() => {
				account.fetching = undefined;
				this.#fetches.delete(fetching);
			});
			account.fetching = fetching;
			this.#fetches.add(fetching);
		}
		await account.fetching;
	}

	async #fetchNext(account: LeasedAccount, wantedMicro: number): Promise<void> {
		try {
			const held = await this.#fetchOne(account, wantedMicro);
			account.isStuck = false;
			if (held === undefined) account.refusedMs = this.#deps.now();
		} catch (error) {
			account.isStuck = true;
			account.refusedMs = this.#deps.now();
			this.#deps.onTrouble("a quota lease could not be had", error);
		}
	}

	async #fetchOne(account: LeasedAccount, wantedMicro: number): Promise<HeldLease | undefined> {
		const { ledger, now } = this.#deps;
		const { accountId } = account;
		// Before it is asked for: its time begins later than this.
		const startMs = now();
		if (!account.knowsFree(startMs)) {
			account.noteFree((await ledger.balance(accountId)).availableMicro, startMs);
		}
		const amountMicro = account.toSize(wantedMicro, startMs);
		if (amountMicro === undefined || this.#isClosed) return undefined;
		const id = randomUUID();
		const asked = { reservationId: id, accountId, minimumMicro: amountMicro, wantedMicro: amountMicro };
		const outcome = await ledger.reserve({ ...asked, ttlMs: RESERVATION_TTL_MS });
		if (outcome.kind === "insufficient") account.noteFree(outcome.availableMicro, now());
		if (outcome.kind !== "reserved") return undefined;
		account.noteLeased(startMs);
		return this.#open(account, { id, accountId, amountMicro, startMs });
	}

	/** The one before it is closed. */
	#open(
		account: LeasedAccount,
		given: {
			readonly id: string;
			readonly accountId: string;
			readonly amountMicro: number;
			readonly startMs: number;
		},
	): HeldLease {
		const held = new HeldLease(this.#deps, {
			...given,
			onSettled: () => {
				this.#leases.delete(held);
				account.live -= 1;
				if (account.lease === held) account.lease = undefined;
			},
		});
		this.#leases.set(held, account);
		account.live += 1;
		account.lease?.retire();
		account.lease = held;
		if (this.#isClosed) held.retire();
		return held;
	}
}

/** Time for the next one. */
function isThin({ lease: held }: LeasedAccount, wantedMicro: number, nowMs: number): boolean {
	if (held === undefined) return false;
	const { leftMicro, amountMicro, bornMs } = held.lease;
	return leftMicro < Math.max(wantedMicro, amountMicro / 4) || nowMs - bornMs >= RENEW_MS;
}
