import type { IncomingMessage, ServerResponse } from "node:http";
import { Router } from "@koa/router";
import Koa from "koa";
import type { Core } from "../../core/core.ts";
import type { Gateway } from "../../core/gateway/gateway.ts";
import type { ChatLimits } from "./chat/chat-limits.ts";
import { DEFAULT_CHAT_LIMITS } from "./chat/chat-limits.ts";
import { addChatRoute } from "./chat/chat-route.ts";
import { addHealthRoutes } from "./health-routes.ts";
import type { HttpLog } from "./http-log.ts";
import { addInstanceRoutes } from "./instances/instance-routes.ts";
import { onError } from "./middleware/on-error.ts";
import { refuseUnknown } from "./middleware/refuse-unknown.ts";
import type { RequestState } from "./middleware/request-id.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { addUsageRoute } from "./usage/usage-route.ts";

export type AppOptions = {
	readonly core: Core;
	readonly gateway: Gateway | undefined;
	readonly log: HttpLog;
	readonly supportUrl: string | undefined;
	readonly isStopping: () => boolean;
	/** Aborted when requests in flight must come to an end. */
	readonly stopSignal: AbortSignal;
	readonly chatLimits: Partial<ChatLimits>;
};

export type App = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The Koa side of the listener. `app.proxy` stays off: forwarded headers are the caller's own words. */
export function createApp(options: AppOptions): App {
	const { core, log, supportUrl, isStopping, stopSignal } = options;
	const router = new Router<RequestState>();
	addHealthRoutes(router, { core, isStopping });
	const limits = { ...DEFAULT_CHAT_LIMITS, ...options.chatLimits };
	const nowMs = (): number => performance.now();
	addChatRoute(router, { core, log, supportUrl, stopSignal, limits, nowMs });
	addUsageRoute(router, { core, gateway: options.gateway, limits, nowMs });
	addInstanceRoutes(router, { core, supportUrl, stopSignal, limits, nowMs });

	const app = new Koa<RequestState>({ proxy: false });
	app.on("error", (error: unknown, ctx?: Koa.Context) => {
		// Whoever breaks his connection is no failure of ours; a line for each would be his way to fill the log.
		if (ctx?.req.socket.destroyed === true) log.debug({ err: error }, "a caller left");
		else log.error({ err: error }, "the HTTP app failed");
	});
	app.use(requestId());
	app.use(securityHeaders());
	app.use(onError({ log, supportUrl }));
	app.use(refuseUnknown());
	app.use(router.routes());
	app.use(router.allowedMethods());
	return app.callback();
}
