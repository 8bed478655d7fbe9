import type { Dispatcher } from "undici";

export type ResponseHead = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** Bytes that may wait for a slow reader before the socket is paused. */
const WAITING_BYTES_MAX = 256 * 1024;

/**
 * The response of one dispatched request as something to wait for: first its head, then its bytes. Made straight on the
 * client's callbacks, because a stream object a call and its bookkeeping cost more than the call.
 */
export class ResponseQueue implements Dispatcher.DispatchHandler {
	#controller: Dispatcher.DispatchController | undefined;
	#head: ResponseHead | undefined;
	#failure: Error | undefined;
	#chunks: Buffer[] = [];
	#waitingBytes = 0;
	#ended = false;
	#left = false;
	#leaveTimer: NodeJS.Timeout | undefined;
	#wake: (() => void) | undefined;

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		if (this.#failure !== undefined) controller.abort(this.#failure);
	}

	onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ResponseHead["headers"]): void {
		// 1xx only announces the real one.
		if (status < 200) return;
		this.#head = { status, headers };
		this.#notify();
	}

	onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
		if (this.#left || this.#ended) return;
		this.#chunks.push(chunk);
		this.#waitingBytes += chunk.length;
		if (this.#waitingBytes > WAITING_BYTES_MAX) this.#controller?.pause();
		this.#notify();
	}

	onResponseEnd(): void {
		this.#finish();
	}

	onResponseError(_: Dispatcher.DispatchController, error: Error): void {
		this.#finish(error);
	}

	/** @throws what the client reports. */
	async head(): Promise<ResponseHead> {
		while (this.#head === undefined && !this.#ended) await this.#untilNotified();
		if (this.#failure !== undefined) throw this.#failure;
		if (this.#head === undefined) throw new Error("the response ended before it began");
		return this.#head;
	}

	/** All bytes that are here, or the next ones; undefined at the end. @throws what the client reports. */
	async read(): Promise<readonly Buffer[] | undefined> {
		while (this.#chunks.length === 0 && !this.#ended) await this.#untilNotified();
		const taken = this.#chunks;
		if (taken.length === 0) {
			if (this.#failure !== undefined) throw this.#failure;
			return undefined;
		}
		this.#chunks = [];
		this.#waitingBytes = 0;
		if (this.#controller?.paused === true) this.#controller.resume();
		return taken;
	}

	/** Cuts the connection and makes every wait throw `reason`; what was not read yet is dropped. */
	abort(reason: Error): void {
		if (this.#ended) return;
		this.#chunks = [];
		this.#finish(reason);
		if (this.#controller?.aborted === false) this.#controller.abort(reason);
	}

	/** Lets the response end by itself, so that its socket can be used again; cuts it when it does not within `graceMs`. */
	leave(graceMs: number): void {
		if (this.#ended) return;
		this.#left = true;
		this.#chunks = [];
		if (this.#controller?.paused === true) this.#controller.resume();
		this.#leaveTimer = setTimeout(() => this.abort(new Error("the response did not end")), graceMs);
		this.#leaveTimer.unref();
	}

	#finish(error?: Error): void {
		this.#ended = true;
		this.#failure ??= error;
		clearTimeout(this.#leaveTimer);
		this.#notify();
	}

	#notify(): void {
		const wake = this.#wake;
		this.#wake = undefined;
		wake?.();
	}

	#untilNotified(): Promise<void> {
		return new Promise((resolve) => {
			this.#wake = resolve;
		});
	}
}
