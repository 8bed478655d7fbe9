import { conflict } from "./fake-error.ts";

export type FakeUpdate = {
	readonly updateId: number;
	/** Telegram keeps the order inside one queue: a chat, or the person who pressed. */
	readonly queue: string;
	readonly kind: string;
	readonly body: Readonly<Record<string, unknown>>;
};

export type GetUpdatesOptions = {
	readonly offset?: number;
	readonly limit: number;
	readonly timeoutMs: number;
	readonly allowed?: readonly string[];
	readonly signal: AbortSignal;
};

/** Not delivered unless asked for by name (source: core.telegram.org/bots/api#getupdates). */
const SILENT_KINDS: readonly string[] = ["chat_member", "message_reaction", "message_reaction_count"];

type Waiter = { wake(): void; fail(error: Error): void };

/** The updates of one bot that nobody has confirmed yet, and who waits for them. */
export class FakeUpdateQueue {
	/** Called for every new update; the webhook listens here. */
	onPush: (update: FakeUpdate) => void = () => {};

	readonly #pending = new Map<number, FakeUpdate>();
	#nextUpdateId: number;
	#allowed: readonly string[] | undefined;
	#waiter: Waiter | undefined;

	constructor(firstUpdateId: number) {
		this.#nextUpdateId = firstUpdateId;
	}

	/** @returns the update's id; undefined when the bot did not ask for that kind */
	push(kind: string, queue: string, content: Readonly<Record<string, unknown>>): number | undefined {
		const allowed = this.#allowed;
		const wanted = allowed === undefined ? !SILENT_KINDS.includes(kind) : allowed.includes(kind);
		return wanted ? this.#add(kind, queue, { [kind]: content }) : undefined;
	}

	/** Adds an update of any shape; a given update_id takes the place of the next one. */
	pushRaw(queue: string, body: Readonly<Record<string, unknown>>): number {
		return this.#add("raw", queue, body);
	}

	/** @throws FakeApiError 409 later, when a second poller or a webhook takes over */
	async get(options: GetUpdatesOptions): Promise<readonly FakeUpdate[]> {
		this.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running");
		if (options.allowed !== undefined) this.allow(options.allowed);
		this.#confirmBelow(options.offset);
		if (this.#pending.size === 0 && options.timeoutMs > 0) await this.#nextUpdate(options);
		return [...this.#pending.values()].slice(0, options.limit);
	}

	pending(): readonly FakeUpdate[] {
		return [...this.#pending.values()];
	}

	confirm(updateId: number): void {
		this.#pending.delete(updateId);
	}

	/** An empty list means the default again. */
	allow(kinds: readonly string[] | undefined): void {
		this.#allowed = kinds !== undefined && kinds.length > 0 ? kinds : undefined;
	}

	allowed(): readonly string[] | undefined {
		return this.#allowed;
	}

	drop(): void {
		this.#pending.clear();
	}

	/** True while a long poll waits. */
	isPolled(): boolean {
		return this.#waiter !== undefined;
	}

	/** Ends the long poll under way with 409. */
	interrupt(reason: string): void {
		this.#waiter?.fail(conflict(reason));
	}

	#add(kind: string, queue: string, content: Readonly<Record<string, unknown>>): number {
		const updateId = this.#nextUpdateId;
		this.#nextUpdateId += 1;
		const update = { updateId, queue, kind, body: { update_id: updateId, ...content } };
		this.#pending.set(updateId, update);
		this.#waiter?.wake();
		this.onPush(update);
		return updateId;
	}

	/** A negative offset keeps that many of the newest and forgets the rest. */
	#confirmBelow(offset: number | undefined): void {
		if (offset === undefined || offset === 0) return;
		const ids = [...this.#pending.keys()];
		const floor = offset > 0 ? offset : (ids.at(offset) ?? ids[0] ?? 0);
		for (const id of ids) if (id < floor) this.#pending.delete(id);
	}

	async #nextUpdate({ timeoutMs, signal }: GetUpdatesOptions): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const finish = (settle: () => void) => {
				clearTimeout(timer);
				signal.removeEventListener("abort", own.wake);
				if (this.#waiter === own) this.#waiter = undefined;
				settle();
			};
			const own: Waiter = {
				wake: () => finish(resolve),
				fail: (error) => finish(() => reject(error)),
			};
			const timer = setTimeout(own.wake, timeoutMs);
			signal.addEventListener("abort", own.wake, { once: true });
			this.#waiter = own;
		});
	}
}
