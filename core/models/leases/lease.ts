import { AppError } from "../../errors.ts";

export type LeaseFigures = {
	readonly heldMicro: number;
	readonly spentMicro: number;
	readonly overMicro: number;
};

/** An account's quota in this node's hand, and what its calls hold and have spent of it. Only these methods move figures. */
export class Lease {
	/** A reservation of the ledger; another one after an exchange. */
	id: string;
	readonly accountId: string;
	readonly bornMs: number;
	/** After this nothing more is taken, whatever the database says. */
	readonly usableUntilMs: number;
	/** When the last call began or ended. */
	usedMs: number;
	#amountMicro: number;
	#heldMicro = 0;
	#spentMicro = 0;
	/** Charged beyond the lease: the ledger takes it from what is free, and the house bears the rest. */
	#overMicro = 0;
	#calls = 0;
	#isClosed = false;

	constructor(given: {
		readonly id: string;
		readonly accountId: string;
		readonly amountMicro: number;
		readonly nowMs: number;
		readonly usableMs: number;
	}) {
		this.id = given.id;
		this.accountId = given.accountId;
		this.#amountMicro = given.amountMicro;
		this.bornMs = given.nowMs;
		this.usedMs = given.nowMs;
		this.usableUntilMs = given.nowMs + given.usableMs;
	}

	get amountMicro(): number {
		return this.#amountMicro;
	}

	get heldMicro(): number {
		return this.#heldMicro;
	}

	/** What it is to be settled with. */
	get dueMicro(): number {
		return this.#spentMicro + this.#overMicro;
	}

	get leftMicro(): number {
		return this.#amountMicro - this.#heldMicro - this.#spentMicro;
	}

	/** Under way. */
	get calls(): number {
		return this.#calls;
	}

	/** Nothing more is taken from it. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	close(): void {
		this.#isClosed = true;
	}

	/** False: it has not that much, or its time is over. */
	take(micro: number, nowMs: number): boolean {
		if (this.#isClosed || nowMs >= this.usableUntilMs || micro > this.leftMicro) return false;
		this.#heldMicro += micro;
		this.#calls += 1;
		this.usedMs = nowMs;
		this.#check();
		return true;
	}

	/** A call ended. More than it held is taken from what is left; while the lease is closed nothing is. */
	end(heldMicro: number, chargedMicro: number, nowMs: number): void {
		this.#heldMicro -= heldMicro;
		this.#calls -= 1;
		this.usedMs = nowMs;
		const within = Math.min(chargedMicro, this.#isClosed ? heldMicro : this.leftMicro);
		this.#spentMicro += within;
		this.#overMicro += chargedMicro - within;
		this.#check();
	}

	/** Nothing is taken any more; what it stands at, to be exchanged. */
	freeze(): LeaseFigures {
		this.#isClosed = true;
		return { heldMicro: this.#heldMicro, spentMicro: this.#spentMicro, overMicro: this.#overMicro };
	}

	/** It was settled as it stood and what was held then is held under another id; calls may have ended meanwhile. */
	exchanged(id: string, before: LeaseFigures): void {
		this.id = id;
		this.#amountMicro = before.heldMicro;
		this.#spentMicro -= before.spentMicro;
		this.#overMicro -= before.overMicro;
		this.#check();
	}

	/** The one place where it is said that nothing is given out twice. */
	#check(): void {
		const isSound =
			this.#heldMicro >= 0 &&
			this.#spentMicro >= 0 &&
			this.#calls >= 0 &&
			this.#heldMicro + this.#spentMicro <= this.#amountMicro;
		if (isSound) return;
		throw new AppError("INTERNAL", `lease ${this.id} gives out more than it has`);
	}
}
