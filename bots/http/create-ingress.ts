import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Core } from "../../core/core.ts";
import { toAppError } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway/gateway.ts";
import type { ChatLimits } from "./chat/chat-limits.ts";
import { createApp } from "./create-app.ts";
import { createGatewayHandler } from "./gateway/gateway-handler.ts";
import type { GatewayLimits } from "./gateway/gateway-limits.ts";
import { DEFAULT_GATEWAY_LIMITS } from "./gateway/gateway-limits.ts";
import type { HttpLog } from "./http-log.ts";
import { answerRaw, createHardenedServer } from "./server/create-server.ts";
import type { IngressLimits } from "./server/limits.ts";
import { DEFAULT_INGRESS_LIMITS } from "./server/limits.ts";
import { createRequestTracker } from "./server/track-requests.ts";

/** Takes a request before Koa sees it, such as a webhook; false (at once or later) when it is not its own. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export type IngressOptions = {
	readonly core: Core;
	/** Undefined: no model gateway. */
	readonly gateway?: Gateway;
	readonly log: HttpLog;
	readonly host: string;
	/** 0: any free port. */
	readonly port: number;
	/** Asked in order, before the app. */
	readonly handlers?: readonly RawHandler[];
	/** Shown in every error; https URL or mailto. */
	readonly supportUrl?: string;
	readonly limits?: Partial<IngressLimits>;
	readonly chatLimits?: Partial<ChatLimits>;
	readonly gatewayLimits?: Partial<GatewayLimits>;
};

export type Ingress = {
	/** @throws Error when the address is taken. */
	listen(): Promise<{ readonly host: string; readonly port: number }>;
	/** Readiness off, no new connections, requests in flight finish within stopGraceMs + stopCutMs, then sockets are cut. */
	stop(): Promise<void>;
};

/** The HTTP listener: raw handlers first, then Koa with /healthz, /readyz, /v1/chat, /v1/usage and /v1/instances. */
export function createIngress(options: IngressOptions): Ingress {
	const { core, log, host, port, supportUrl, handlers = [] } = options;
	const limits = { ...DEFAULT_INGRESS_LIMITS, ...options.limits };
	const stopping = new AbortController();
	const tracker = createRequestTracker(limits.flushTimeoutMs);
	const state = { isStopping: false };
	const rawHandlers = [...handlers, ...openGatewayHandler(options, stopping.signal)];
	const app = createApp({
		core,
		gateway: options.gateway,
		log,
		supportUrl,
		isStopping: () => state.isStopping,
		stopSignal: stopping.signal,
		chatLimits: options.chatLimits ?? {},
	});

	async function dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
		for (const handler of rawHandlers) {
			const taken = handler(request, response);
			if (taken === true || (taken !== false && (await taken))) return;
		}
		await app(request, response);
	}

	const server = createHardenedServer({
		limits,
		tracker,
		supportUrl,
		onRequest: (request, response) => {
			dispatch(request, response).catch((error: unknown) => {
				log.error({ err: error }, "a request handler failed");
				if (response.headersSent) response.destroy();
				else answerRaw(response, toAppError(error), supportUrl);
			});
		},
	});

	async function stop(): Promise<void> {
		if (state.isStopping) return;
		state.isStopping = true;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		tracker.closeAfterAnswer();
		server.closeIdleConnections();
		await within(limits.stopGraceMs, tracker.whenIdle());
		stopping.abort();
		await within(limits.stopCutMs, tracker.whenIdle());
		if (tracker.count() > 0) log.warn({ requests: tracker.count() }, "requests were cut by the stop");
		server.closeAllConnections();
		await closed;
	}

	return {
		async listen() {
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen(port, host, () => {
					server.off("error", reject);
					server.on("error", (error) => log.error({ err: error }, "the HTTP listener failed"));
					resolve();
				});
			});
			const address = server.address() as AddressInfo;
			return { host: address.address, port: address.port };
		},
		stop,
	};
}

function openGatewayHandler(options: IngressOptions, stopSignal: AbortSignal): readonly RawHandler[] {
	const { gateway, log, gatewayLimits } = options;
	if (gateway === undefined) return [];
	const limits = { ...DEFAULT_GATEWAY_LIMITS, ...gatewayLimits };
	return [createGatewayHandler({ gateway, log, stopSignal, limits })];
}

/** Resolves with the promise, or when the time is over. */
async function within(timeoutMs: number, promise: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, timeoutMs);
	});
	await Promise.race([promise, late]);
	clearTimeout(timer);
}
