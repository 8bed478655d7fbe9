import type { Dispatcher } from "undici";
import { CallFailure } from "./call-failure.ts";

export type ExchangeRequest = {
	/** For error messages. */
	readonly method: string;
	readonly path: string;
	readonly contentType: string;
	readonly body: Buffer;
	/** The whole call, the wait for a free connection included. */
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
};

export type ExchangeReply = { readonly status: number; readonly body: Buffer };

/**
 * One HTTP request. What fails before its first byte was written certainly had no effect; after that nobody knows.
 * @throws CallFailure
 */
export async function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<ExchangeReply> {
	return await new Promise<ExchangeReply>((resolve, reject) => {
		const handler = new ExchangeHandler(request, resolve, reject);
		const { path, body } = request;
		const headers = { "content-type": request.contentType };
		dispatcher.dispatch({ path, method: "POST", headers, body }, handler);
	});
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
	readonly #request: ExchangeRequest;
	readonly #resolve: (reply: ExchangeReply) => void;
	readonly #reject: (failure: CallFailure) => void;
	readonly #timer: NodeJS.Timeout;
	readonly #onAbort = () => this.#giveUp("aborted");
	readonly #chunks: Buffer[] = [];
	#controller: Dispatcher.DispatchController | undefined;
	#status = 0;
	#isSettled = false;

	constructor(
		request: ExchangeRequest,
		resolve: (reply: ExchangeReply) => void,
		reject: (failure: CallFailure) => void,
	) {
		this.#request = request;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#timer = setTimeout(() => this.#giveUp("timed out"), request.timeoutMs);
		if (request.signal?.aborted === true) queueMicrotask(this.#onAbort);
		else request.signal?.addEventListener("abort", this.#onAbort, { once: true });
	}

	/** Called when a connection is free, right before the first byte. */
	onRequestStart(controller: Dispatcher.DispatchController): void {
		if (this.#isSettled) controller.abort(new Error("given up"));
		else this.#controller = controller;
	}

	onResponseStart(_: Dispatcher.DispatchController, status: number): void {
		this.#status = status;
	}

	onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
		this.#chunks.push(chunk);
	}

	onResponseEnd(): void {
		if (!this.#settle()) return;
		const [first] = this.#chunks;
		const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
		this.#resolve({ status: this.#status, body });
	}

	onResponseError(_: Dispatcher.DispatchController, error: Error): void {
		this.#fail("code" in error && typeof error.code === "string" ? error.code : error.name);
	}

	#giveUp(why: string): void {
		this.#fail(why);
		this.#controller?.abort(new Error(why));
	}

	#fail(why: string): void {
		if (this.#settle())
			this.#reject(new CallFailure(this.#request.method, why, this.#controller !== undefined));
	}

	/** @returns true the first time */
	#settle(): boolean {
		if (this.#isSettled) return false;
		this.#isSettled = true;
		clearTimeout(this.#timer);
		this.#request.signal?.removeEventListener("abort", this.#onAbort);
		return true;
	}
}
