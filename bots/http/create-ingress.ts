import type { IncomingMessage, Server, ServerResponse } from "node:http";
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

/** One more address; closing it cuts what is under way there. */
export type Door = { close(): Promise<void> };

export type Ingress = {
	/** @throws Error when the address is taken. */
	listen(): Promise<{ readonly host: string; readonly port: number }>;
	/** At one more address, the same port; after `listen`. @throws Error when that address is taken, or not this machine's. */
	listenAlso(host: string): Promise<Door>;
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

	const openServer = (): Server =>
		createHardenedServer({
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

	const server = openServer();
	const doors = new Set<Server>();

	async function stop(): Promise<void> {
		if (state.isStopping) return;
		state.isStopping = true;
		const servers = [server, ...doors];
		const closed = Promise.all(servers.map(async (one) => await closeServer(one)));
		tracker.closeAfterAnswer();
		for (const one of servers) one.closeIdleConnections();
		await within(limits.stopGraceMs, tracker.whenIdle());
		stopping.abort();
		await within(limits.stopCutMs, tracker.whenIdle());
		if (tracker.count() > 0) log.warn({ requests: tracker.count() }, "requests were cut by the stop");
		for (const one of servers) one.closeAllConnections();
		await closed;
	}

	async function listenAlso(address: string): Promise<Door> {
		const door = openServer();
		await listenAt(door, { host: address, port: (server.address() as AddressInfo).port }, log);
		doors.add(door);
		return {
			async close() {
				doors.delete(door);
				const closed = closeServer(door);
				door.closeAllConnections();
				await closed;
			},
		};
	}

	return {
		async listen() {
			await listenAt(server, { host, port }, log);
			const address = server.address() as AddressInfo;
			return { host: address.address, port: address.port };
		},
		listenAlso,
		stop,
	};
}

async function listenAt(
	server: Server,
	{ host, port }: { readonly host: string; readonly port: number },
	log: HttpLog,
): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, () => {
			server.off("error", reject);
			server.on("error", (error) => log.error({ err: error }, "the HTTP listener failed"));
			resolve();
		});
	});
}

async function closeServer(server: Server): Promise<void> {
	await new Promise<void>((resolve) => server.close(() => resolve()));
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
