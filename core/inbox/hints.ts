import pg from "pg";
import type { FlowLog } from "./flow-log.ts";

/** work: something may be due. stop: this turn is to stop. result: these turns have one (ids, comma-separated). */
export type HintKind = "work" | "stop" | "result";

/** News between parts of this node, and through LISTEN/NOTIFY between nodes. Only hints: everything is also found by polling. */
export type Hints = {
	/** Returns the unsubscribe function. */
	on(kind: HintKind, listener: (payload: string) => void): () => void;
	/** Tells this node only. */
	emit(kind: HintKind, payload: string): void;
	/** Opens the listening connection and keeps it open. Never throws. */
	start(): void;
	stop(): Promise<void>;
};

export type HintsOptions = {
	/** Undefined: this node hears only itself. Never a pooler in transaction mode: it loses LISTEN. */
	readonly url?: string;
	readonly log: FlowLog;
	readonly reconnectMs?: number;
};

const CHANNELS = { rockpool_work: "work", rockpool_stop: "stop", rockpool_result: "result" } as const;
const RECONNECT_MS = 250;
const RECONNECT_MAX_MS = 5_000;
const PING_MS = 15_000;
const QUERY_TIMEOUT_MS = 5_000;

export function createHints({ url, log, reconnectMs = RECONNECT_MS }: HintsOptions): Hints {
	const listeners: Record<HintKind, Set<(payload: string) => void>> = {
		work: new Set(),
		stop: new Set(),
		result: new Set(),
	};
	const emit: Hints["emit"] = (kind, payload) => {
		for (const listener of listeners[kind]) listener(payload);
	};
	let connection: Connection | undefined;

	return {
		on(kind, listener) {
			listeners[kind].add(listener);
			return () => listeners[kind].delete(listener);
		},
		emit,
		start() {
			if (url !== undefined && connection === undefined)
				connection = keepListening(url, log, reconnectMs, emit);
		},
		async stop() {
			await connection?.close();
			connection = undefined;
		},
	};
}

type Connection = { close(): Promise<void> };

/** One dedicated connection, opened again whenever it breaks. */
function keepListening(url: string, log: FlowLog, reconnectMs: number, emit: Hints["emit"]): Connection {
	let isClosed = false;
	let failures = 0;
	let client: pg.Client | undefined;
	let timer: NodeJS.Timeout | undefined;

	function retryLater(error: unknown): void {
		if (isClosed) return;
		if (failures === 0) log.warn({ err: error }, "listening connection lost; polling goes on");
		clearTimeout(timer);
		timer = setTimeout(() => void open(), Math.min(RECONNECT_MAX_MS, reconnectMs * 2 ** failures));
		failures = Math.min(failures + 1, 10);
	}

	async function open(): Promise<void> {
		const own = createListener(url, emit);
		client = own;
		let isLost = false;
		const lose = (error: unknown): void => {
			if (isLost) return;
			isLost = true;
			clearTimeout(timer);
			own.end().catch(() => undefined);
			retryLater(error);
		};
		own.on("error", lose);
		own.on("end", () => lose(new Error("connection ended")));
		const ping = async (): Promise<void> => {
			await own.query("select 1");
			if (!isLost && !isClosed) timer = setTimeout(() => void ping().catch(lose), PING_MS);
		};
		try {
			await own.connect();
			for (const channel of Object.keys(CHANNELS)) await own.query(`listen ${channel}`);
			failures = 0;
			// Whatever was said while nobody listened
			emit("work", "");
			await ping();
		} catch (error) {
			lose(error);
		}
	}

	void open();
	return {
		async close() {
			isClosed = true;
			clearTimeout(timer);
			await client?.end().catch(() => undefined);
		},
	};
}

function createListener(url: string, emit: Hints["emit"]): pg.Client {
	const client = new pg.Client({
		connectionString: url,
		application_name: "rockpool-listen",
		connectionTimeoutMillis: QUERY_TIMEOUT_MS,
		query_timeout: QUERY_TIMEOUT_MS,
		keepAlive: true,
	});
	client.on("notification", ({ channel, payload = "" }) => {
		if (Object.hasOwn(CHANNELS, channel)) emit(CHANNELS[channel as keyof typeof CHANNELS], payload);
	});
	return client;
}
