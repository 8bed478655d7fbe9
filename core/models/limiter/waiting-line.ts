import Bottleneck from "bottleneck";
import { AppError } from "../../errors.ts";

/** Those who wait at one gate, served by priority and then in the order they came. */
export type WaitingLine = {
	/**
	 * Resolves as soon as `tryTake` said yes.
	 *
	 * @throws AppError ROUTER_RATE_LIMITED when the line is full or the wait too long; the reason of `signal`.
	 */
	join(entry: JoinRequest): Promise<void>;
	/** Somebody left the gate. */
	wake(): void;
};

export type JoinRequest = {
	/** 0 first, 9 last. */
	readonly priority: number;
	readonly waitMsMax: number;
	readonly signal: AbortSignal;
	/** Milliseconds to wait before the next try; 0: taken. */
	tryTake(): Promise<number>;
	/** Undoes a take that came when its caller had gone. */
	undoTake(): void;
};

export type LineOptions = {
	/** Above it nobody may join. */
	readonly waitersMax: number;
	/** Milliseconds until a small call may pass as far as this process knows; 0: now. */
	readonly waitMs: () => number;
	/** Called when the last one has gone. */
	readonly onEmpty: () => void;
};

/** What others (nodes) free up is seen after this long at the latest. */
const POLL_MS_MAX = 100;
const POLL_MS_MIN = 2;
/** The one at the head is passed over when its tries outlast its own wait by this much. */
const EXPIRATION_MARGIN_MS = 1_000;
const RETRY_AFTER_MS_MIN = 1_000;
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Bottleneck keeps the line: it runs one job at a time, and only when we top up its reservoir by one, which we do when
 * there is room. So who is next is decided at the moment there is room, not before.
 */
export function createWaitingLine(options: LineOptions): WaitingLine {
	const limiter = new Bottleneck({ maxConcurrent: 1, reservoir: 0 });
	let waiting = 0;
	let pumping = false;
	const alarm = createAlarm();
	let onServed: (() => void) | undefined;

	/** Lets them through one by one, until nobody is left. */
	async function pump(): Promise<void> {
		if (pumping) return;
		pumping = true;
		while (waiting > 0) {
			const waitMs = options.waitMs();
			if (waitMs > 0) {
				await alarm.pause(waitMs);
				continue;
			}
			const served = new Promise<void>((resolve) => {
				onServed = resolve;
			});
			await limiter.incrementReservoir(1);
			await served;
		}
		pumping = false;
		// Those who gave up are still in Bottleneck's list: it goes as a whole.
		options.onEmpty();
	}

	async function stand(entry: JoinRequest): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		let over = false;
		const finish = (error?: unknown): void => {
			if (over) return;
			over = true;
			if (error === undefined) resolve();
			else reject(error);
		};
		const onAbort = (): void => finish(entry.signal.reason);
		entry.signal.addEventListener("abort", onAbort, { once: true });
		const timer = setTimeout(() => finish(toBusy(options.waitMs())), entry.waitMsMax);
		limiter
			.schedule(
				{ priority: entry.priority, expiration: entry.waitMsMax + EXPIRATION_MARGIN_MS },
				async () => await serve(entry, alarm, () => over, finish),
			)
			.catch(finish)
			.finally(() => onServed?.());
		try {
			await promise;
		} finally {
			clearTimeout(timer);
			entry.signal.removeEventListener("abort", onAbort);
		}
	}

	return {
		wake: alarm.wake,
		async join(entry) {
			entry.signal.throwIfAborted();
			if (waiting >= options.waitersMax) throw toBusy(options.waitMs());
			waiting += 1;
			void pump();
			try {
				await stand(entry);
			} finally {
				waiting -= 1;
				if (waiting === 0) alarm.wake();
			}
		},
	};
}

/** A pause that can be cut short. */
type Alarm = { pause(ms: number): Promise<void>; wake(): void };

function createAlarm(): Alarm {
	let ring: (() => void) | undefined;
	return {
		wake: () => ring?.(),
		async pause(ms) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, Math.min(Math.max(ms, POLL_MS_MIN), POLL_MS_MAX));
				ring = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		},
	};
}

/** The one at the head tries until it gets through or has gone. */
async function serve(
	entry: JoinRequest,
	alarm: Alarm,
	isOver: () => boolean,
	finish: () => void,
): Promise<void> {
	while (!isOver()) {
		const waitMs = await entry.tryTake();
		if (waitMs > 0) {
			await alarm.pause(waitMs);
			continue;
		}
		if (isOver()) entry.undoTake();
		else finish();
		return;
	}
}

function toBusy(waitMs: number): AppError {
	const retryAfterMs = Number.isFinite(waitMs)
		? Math.min(Math.max(waitMs, RETRY_AFTER_MS_MIN), RETRY_AFTER_MS_MAX)
		: RETRY_AFTER_MS_MIN * 5;
	return new AppError("ROUTER_RATE_LIMITED", "the line is too long", {
		details: { retryAfterMs, cause: "busy" },
	});
}
