import type { IncomingMessage, ServerResponse } from "node:http";
import type { Core } from "../../../core/core.ts";
import type { TelegramLog } from "../telegram-log.ts";
import { whyOf } from "./keep-trying.ts";
import { readBody } from "./read-body.ts";
import { scanJson } from "./scan-json.ts";
import type { IsIgnored } from "./update-event.ts";
import { toEvent } from "./update-event.ts";
import { assertSecret, isSecretOf, toDigest } from "./webhook-secret.ts";

export type WebhookBot = {
	readonly botId: string;
	/** Starts with "/telegram/". */
	readonly paths: readonly string[];
	/** More than one while a secret is being changed. */
	readonly secrets: readonly string[];
};

export type WebhookHandlerOptions = {
	readonly core: Pick<Core, "accept">;
	readonly bots: readonly WebhookBot[];
	/** Makes JSON text what the database can store. */
	readonly toStorableJson: (raw: string) => string;
	/** What is ignored is stored without its words; nothing is unless told. */
	readonly isIgnored?: IsIgnored;
	readonly log: TelegramLog;
	readonly bodyTimeoutMs?: number;
	readonly acceptTimeoutMs?: number;
	/** Requests under way; more are asked to come back. */
	readonly inFlightMax?: number;
};

/** True: taken, an answer will follow. False: not for Telegram. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

const PREFIX = "/telegram/";
const SECRET_HEADER = "x-telegram-bot-api-secret-token";
const BODY_BYTES_MAX = 1024 * 1024;
const DEPTH_MAX = 100;
const LOG_INTERVAL_MS = 1000;

type Hook = { readonly botId: string; readonly digests: readonly Buffer[] };
type Refusal = { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
type Settings = Required<WebhookHandlerOptions> & { readonly hooks: ReadonlyMap<string, Hook> };

const TRY_LATER: Refusal = { status: 503, headers: { "retry-after": "5" } };

/**
 * Takes updates: path and secret before the body, the database's COMMIT before the 200 (source: design message flow, rule 1,
 * and security, rows 1–16).
 * @throws Error at once when a secret is missing or weak
 */
export function createWebhookHandler(options: WebhookHandlerOptions): RawHandler {
	const settings: Settings = {
		bodyTimeoutMs: 8000,
		acceptTimeoutMs: 25_000,
		inFlightMax: 2000,
		isIgnored: () => false,
		...options,
		hooks: toHooks(options.bots),
	};
	const logFailure = createFailureLog(options.log);
	let inFlight = 0;

	return (request, response) => {
		const url = request.url ?? "";
		if (!url.startsWith(PREFIX)) return false;
		const refusal = refuseHead(request, settings, inFlight);
		if (refusal !== undefined) {
			refuse(request, response, refusal);
			return true;
		}
		inFlight += 1;
		void takeUpdate(request, settings)
			.catch((error: unknown): Refusal => {
				logFailure(error);
				return TRY_LATER;
			})
			.then((outcome) => {
				inFlight -= 1;
				if (outcome === "done") response.writeHead(200, { "content-length": "0" }).end();
				else if (outcome !== "gone") refuse(request, response, outcome);
			});
		return true;
	};
}

function toHooks(bots: readonly WebhookBot[]): ReadonlyMap<string, Hook> {
	const hooks = new Map<string, Hook>();
	for (const { botId, paths, secrets } of bots) {
		if (secrets.length === 0) throw new Error(`Telegram bot ${botId} has no webhook secret.`);
		for (const secret of secrets) assertSecret(secret);
		for (const path of paths) hooks.set(path, { botId, digests: secrets.map(toDigest) });
	}
	return hooks;
}

/** Everything that can be said without the body. */
function refuseHead(request: IncomingMessage, settings: Settings, inFlight: number): Refusal | undefined {
	const { headers, method } = request;
	const hook = hookOf(request, settings);
	if (hook === undefined) return { status: 404 };
	if (!isSecretOf(hook.digests, headers[SECRET_HEADER])) return { status: 401 };
	if (method !== "POST") return { status: 405, headers: { allow: "POST" } };
	if (!/^application\/json\s*(?:;|$)/i.test(headers["content-type"] ?? "")) return { status: 415 };
	if ((headers["content-encoding"] ?? "identity") !== "identity") return { status: 415 };
	return inFlight >= settings.inFlightMax ? TRY_LATER : undefined;
}

function hookOf({ url = "" }: IncomingMessage, { hooks }: Settings): Hook | undefined {
	const query = url.indexOf("?");
	return hooks.get(query < 0 ? url : url.slice(0, query));
}

/** @throws what core.accept throws: nothing is acknowledged then */
async function takeUpdate(request: IncomingMessage, settings: Settings): Promise<"done" | "gone" | Refusal> {
	const bounds = { bytesMax: BODY_BYTES_MAX, timeoutMs: settings.bodyTimeoutMs };
	const body = await readBody(request, bounds);
	if (body.kind === "gone") return "gone";
	if (body.kind !== "body") return { status: body.kind === "too-large" ? 413 : 408 };
	const { depth, commas } = scanJson(body.bytes);
	const update = depth > DEPTH_MAX ? undefined : parseJson(body.bytes);
	if (update === undefined) return { status: 400 };
	const botId = hookOf(request, settings)?.botId ?? "";
	if (commas >= Math.max(Object.keys(update ?? {}).length, 1)) {
		settings.log.warn({ botId }, "an update has a key twice, the last one counts");
	}
	const { isQuarantined, ...event } = toEvent(update, botId, settings.toStorableJson, settings.isIgnored);
	if (isQuarantined) {
		settings.log.warn({ botId, eventId: event.eventId }, "an update without a usable id is quarantined");
	}
	await within(settings.core.accept(event), settings.acceptTimeoutMs);
	return "done";
}

function parseJson(bytes: Buffer): unknown {
	try {
		return JSON.parse(bytes.toString("utf8"));
	} catch {
		return undefined;
	}
}

async function within<Value>(work: Promise<Value>, timeoutMs: number): Promise<Value> {
	return await new Promise<Value>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error("the update was not stored in time")), timeoutMs);
		work.then(
			(value) => {
				clearTimeout(timer);
				resolve(value);
			},
			(error: unknown) => {
				clearTimeout(timer);
				reject(error);
			},
		);
	});
}

/** Ends the connection where the body is not read to its end: the rest of it is not ours to wait for. */
function refuse(request: IncomingMessage, response: ServerResponse, { status, headers }: Refusal): void {
	if (response.destroyed) return;
	const close = request.complete ? {} : { connection: "close" };
	response.writeHead(status, { "content-length": "0", ...close, ...headers });
	response.end(() => {
		if (!request.complete) request.socket.destroy();
	});
}

/** A database that is down would otherwise fill the log with the same line. */
function createFailureLog(log: TelegramLog): (error: unknown) => void {
	let silencedUntilMs = 0;
	let silenced = 0;
	return (error) => {
		const nowMs = performance.now();
		if (nowMs < silencedUntilMs) {
			silenced += 1;
			return;
		}
		log.error({ why: whyOf(error), silenced }, "updates are not stored, Telegram will repeat them");
		silencedUntilMs = nowMs + LOG_INTERVAL_MS;
		silenced = 0;
	};
}
