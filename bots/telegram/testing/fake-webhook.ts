import { Agent } from "undici";
import { badRequest } from "./fake-error.ts";
import type { FakeParams } from "./fake-params.ts";
import type { Random } from "./fake-random.ts";
import type { FakeUpdate, FakeUpdateQueue } from "./fake-updates.ts";

/** One attempt to hand an update over; `status` undefined: no answer at all. */
export type FakePost = {
	readonly updateId: number;
	readonly attempt: number;
	readonly status: number | undefined;
	readonly durationMs: number;
};

type Settings = {
	readonly url: URL;
	readonly secret: string | undefined;
	readonly connectionsMax: number;
};

export type FakeWebhookOptions = {
	readonly httpsOnly: boolean;
	readonly nowMs: () => number;
	/** The origin a TLS proxy in front of the receiver passes posts on to; undefined: the URL's own. */
	readonly passOn: ((url: URL) => string) | undefined;
};

type Lane = { readonly name: string; readonly updates: FakeUpdate[]; attempt: number; busy: boolean };
type Answer = { readonly status?: number; readonly retryAfterMs?: number };

/** Posts updates in order inside a queue, several queues at a time, until somebody answers 2xx. */
export class FakeWebhook {
	/** Share of acknowledged posts that are sent once more, as after a lost acknowledgement. */
	duplicateRate = 0;
	/** First pause after a failure; doubles up to a minute. Telegram starts at one second. */
	retryBaseMs = 1000;
	/** Longest pause, whatever the receiver asks for; a test lowers it to save time. */
	retryMaxMs = 60_000;
	/** How long an answer may take. */
	timeoutMs = 60_000;
	onPost: (post: FakePost) => void = () => {};

	readonly #queue: FakeUpdateQueue;
	readonly #random: Random;
	readonly #options: FakeWebhookOptions;
	readonly #agent = new Agent({ connections: 100, keepAliveTimeout: 10_000, pipelining: 1 });
	readonly #lanes = new Map<string, Lane>();
	readonly #timers = new Set<NodeJS.Timeout>();
	#settings: Settings | undefined;
	/** Grows with every new setting: what the old one still has under way no longer counts. */
	#generation = 0;
	#inFlight = 0;
	#ready: Lane[] = [];
	#lastError: { readonly dateSeconds: number; readonly message: string } | undefined;

	constructor(queue: FakeUpdateQueue, random: Random, options: FakeWebhookOptions) {
		this.#queue = queue;
		this.#random = random;
		this.#options = options;
		queue.onPush = (update) => this.#enqueue(update);
	}

	/** @throws FakeApiError for what the real setWebhook refuses */
	set(params: FakeParams): void {
		const next = readSettings(params, this.#options.httpsOnly);
		if (params.has("allowed_updates")) this.#queue.allow(params.json("allowed_updates") as readonly string[]);
		if (params.flag("drop_pending_updates")) this.#queue.drop();
		this.#forget();
		this.#settings = next;
		this.#lastError = undefined;
		if (next === undefined) return;
		this.#queue.interrupt("terminated by setWebhook request");
		for (const update of this.#queue.pending()) this.#enqueue(update);
	}

	remove(dropPending: boolean): void {
		if (dropPending) this.#queue.drop();
		this.#forget();
		this.#settings = undefined;
	}

	isSet(): boolean {
		return this.#settings !== undefined;
	}

	info(): Record<string, unknown> {
		const settings = this.#settings;
		const error = this.#lastError;
		const allowed = this.#queue.allowed();
		return {
			url: settings?.url.href ?? "",
			has_custom_certificate: false,
			pending_update_count: this.#queue.pending().length,
			...(error && { last_error_date: error.dateSeconds, last_error_message: error.message }),
			...(settings && { max_connections: settings.connectionsMax }),
			...(allowed && { allowed_updates: allowed }),
		};
	}

	async close(): Promise<void> {
		this.#forget();
		this.#settings = undefined;
		await this.#agent.destroy();
	}

	#enqueue(update: FakeUpdate): void {
		if (this.#settings === undefined) return;
		const known = this.#lanes.get(update.queue);
		const lane = known ?? { name: update.queue, updates: [], attempt: 0, busy: false };
		if (known === undefined) this.#lanes.set(update.queue, lane);
		lane.updates.push(update);
		if (!lane.busy) this.#makeReady(lane);
	}

	#makeReady(lane: Lane): void {
		lane.busy = true;
		this.#ready.push(lane);
		this.#pump();
	}

	#pump(): void {
		const settings = this.#settings;
		while (settings !== undefined && this.#inFlight < settings.connectionsMax) {
			const lane = this.#ready.shift();
			if (lane === undefined) return;
			this.#inFlight += 1;
			const generation = this.#generation;
			void this.#deliver(settings, lane).then((retryAfterMs) => {
				if (generation !== this.#generation) return;
				this.#inFlight -= 1;
				this.#next(lane, retryAfterMs);
				this.#pump();
			});
		}
	}

	#next(lane: Lane, retryAfterMs: number | undefined): void {
		lane.busy = false;
		if (lane.updates.length === 0) {
			this.#lanes.delete(lane.name);
			return;
		}
		if (retryAfterMs === undefined) {
			this.#makeReady(lane);
			return;
		}
		lane.busy = true;
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			this.#makeReady(lane);
		}, retryAfterMs);
		this.#timers.add(timer);
	}

	/** @returns milliseconds to wait before the same update again; undefined when it is acknowledged */
	async #deliver(settings: Settings, lane: Lane): Promise<number | undefined> {
		const update = lane.updates[0];
		if (update === undefined) return undefined;
		lane.attempt += 1;
		const startedMs = performance.now();
		const { status, retryAfterMs } = await this.#post(settings, update);
		const durationMs = performance.now() - startedMs;
		this.onPost({ updateId: update.updateId, attempt: lane.attempt, status, durationMs });
		if (status !== undefined && status >= 200 && status < 300) {
			this.#queue.confirm(update.updateId);
			if (this.#random() < this.duplicateRate) return 0;
			lane.updates.shift();
			lane.attempt = 0;
			return undefined;
		}
		const message = status === undefined ? "Connection failed" : `Wrong response from the webhook: ${status}`;
		this.#lastError = { dateSeconds: Math.floor(this.#options.nowMs() / 1000), message };
		const backOffMs = this.retryBaseMs * 2 ** Math.min(lane.attempt - 1, 10);
		return Math.min(retryAfterMs ?? backOffMs, this.retryMaxMs);
	}

	async #post(to: Settings, update: FakeUpdate): Promise<Answer> {
		try {
			const { statusCode, headers, body } = await this.#agent.request({
				origin: this.#options.passOn?.(to.url) ?? to.url.origin,
				path: to.url.pathname + to.url.search,
				method: "POST",
				headers: {
					"content-type": "application/json",
					...(to.secret === undefined ? {} : { "x-telegram-bot-api-secret-token": to.secret }),
				},
				body: JSON.stringify(update.body),
				headersTimeout: this.timeoutMs,
				bodyTimeout: this.timeoutMs,
			});
			await body.dump();
			const seconds = Number(headers["retry-after"]);
			const wait = Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
			return { status: statusCode, ...wait };
		} catch {
			return {};
		}
	}

	#forget(): void {
		this.#generation += 1;
		this.#lanes.clear();
		this.#ready = [];
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
		this.#inFlight = 0;
	}
}

function readSettings(params: FakeParams, httpsOnly: boolean): Settings | undefined {
	const text = params.text("url");
	if (text === "") return undefined;
	if (!URL.canParse(text)) throw badRequest("invalid webhook URL specified");
	const url = new URL(text);
	if (httpsOnly && url.protocol !== "https:") {
		throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
	}
	if (httpsOnly && !["", "443", "80", "88", "8443"].includes(url.port)) {
		throw badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
	}
	const secret = params.has("secret_token") ? params.text("secret_token") : undefined;
	if (secret !== undefined && !/^[\w-]*$/.test(secret)) {
		throw badRequest("secret token contains unallowed characters");
	}
	if (secret !== undefined && secret.length > 256) throw badRequest("secret token is too long");
	const connectionsMax = Math.min(Math.max(params.integer("max_connections") ?? 40, 1), 100);
	return { url, secret: secret === "" ? undefined : secret, connectionsMax };
}
