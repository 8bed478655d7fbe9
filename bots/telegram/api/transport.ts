import { Pool } from "undici";
import { CallFailure } from "./call-failure.ts";
import { exchange } from "./exchange.ts";
import type { Upload } from "./multipart.ts";
import { toMultipart } from "./multipart.ts";

/** The Bot API's form of every answer. */
export type ApiAnswer =
	| { readonly ok: true; readonly result: unknown }
	| {
			readonly ok: false;
			readonly error_code: number;
			readonly description: string;
			readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
	  };

export type CallOptions = {
	readonly timeoutMs?: number;
	readonly signal?: AbortSignal;
	/** Sent as multipart under its field's name. */
	readonly upload?: Upload;
};

export type TelegramTransport = {
	/** @throws CallFailure when Telegram gave no answer of its own */
	call(token: string, method: string, payload: object, options?: CallOptions): Promise<ApiAnswer>;
	/** Waits for nothing: calls under way fail. */
	close(): Promise<void>;
};

const CALL_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 5000;
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;
/** Long polls keep a connection each, so they have a pool of their own. */
const POLL_CONNECTIONS_MAX = 64;

/** HTTP to one Bot API server, for any number of bots. Keep-alive, HTTP/1.1 so that "was it written?" has an answer. */
export function createTransport(options: {
	/** Without a slash at the end. */
	readonly apiRoot: string;
	readonly connectionsMax?: number;
}): TelegramTransport {
	const root = new URL(options.apiRoot);
	const basePath = root.pathname.replace(/\/$/, "");
	const shared = {
		allowH2: false,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		keepAliveTimeout: 20_000,
		maxResponseSize: RESPONSE_BYTES_MAX,
		// One timer of ours covers the whole call.
		headersTimeout: 0,
		bodyTimeout: 0,
	};
	const calls = new Pool(root.origin, { ...shared, connections: options.connectionsMax ?? 128 });
	const polls = new Pool(root.origin, { ...shared, connections: POLL_CONNECTIONS_MAX });

	return {
		async call(token, method, payload, { timeoutMs = CALL_TIMEOUT_MS, signal, upload } = {}) {
			const { contentType, body } =
				upload === undefined
					? { contentType: "application/json", body: Buffer.from(JSON.stringify(payload)) }
					: toMultipart(payload, upload);
			const reply = await exchange(method === "getUpdates" ? polls : calls, {
				method,
				path: `${basePath}/bot${token}/${method}`,
				contentType,
				body,
				timeoutMs,
				...(signal && { signal }),
			});
			return readAnswer(method, reply.status, reply.body);
		},
		async close() {
			await Promise.all([calls.destroy(), polls.destroy()]);
		},
	};
}

/** A page of a proxy is no answer: behind a 5xx the call may have happened, a 4xx was not let through. */
function readAnswer(method: string, status: number, body: Buffer): ApiAnswer {
	const parsed = parseJson(body);
	if (isAnswer(parsed)) return parsed;
	throw new CallFailure(method, `HTTP ${status} without a Bot API answer`, status < 300 || status >= 500);
}

function parseJson(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString("utf8"));
	} catch {
		return undefined;
	}
}

function isAnswer(value: unknown): value is ApiAnswer {
	if (typeof value !== "object" || value === null || !("ok" in value)) return false;
	if (value.ok === true) return "result" in value;
	return "error_code" in value && typeof value.error_code === "number" && "description" in value;
}
