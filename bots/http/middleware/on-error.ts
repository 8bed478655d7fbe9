import type { IncomingMessage } from "node:http";
import type { Context, Middleware } from "koa";
import { toAppError } from "../../../core/errors.ts";
import { toLanguage } from "../../../core/texts/say.ts";
import { discardBody } from "../body/discard-body.ts";
import type { HttpLog } from "../http-log.ts";
import type { ErrorContext } from "../http-problem.ts";
import { retryAfterSeconds, toHttpErrorBody } from "../http-problem.ts";
import type { RequestState } from "./request-id.ts";

export type OnErrorOptions = { readonly log: HttpLog; readonly supportUrl: string | undefined };

/** Turns whatever was thrown into the JSON error form. The cause goes to the log with the request id, never to the caller. */
export function onError({ log, supportUrl }: OnErrorOptions): Middleware<RequestState> {
	return async function onErrorMiddleware(ctx, next) {
		try {
			await next();
		} catch (thrown) {
			const error = toAppError(thrown);
			const requestId = ctx.state.requestId;
			const { code, status } = error;
			const facts = { requestId, method: ctx.method, route: findRoute(ctx), code, status };
			if (error.code === "INTERNAL") log.error({ ...facts, err: error.cause ?? error }, "a request failed");
			else log.debug({ ...facts, why: error.message }, "a request was refused");
			if (ctx.headerSent || ctx.req.socket.destroyed) {
				ctx.respond = false;
				ctx.res.destroy();
				return;
			}
			await closeOverUnreadBody(ctx.req, (name, value) => ctx.set(name, value));
			const retryAfter = retryAfterSeconds(error);
			if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
			if (error.status === 401) ctx.set("WWW-Authenticate", "Bearer");
			ctx.status = error.status;
			ctx.body = toHttpErrorBody(error, toErrorContext(ctx, requestId, supportUrl));
		}
	};
}

/** What took the request, as we wrote it: a path is the caller's own words, and some write secrets into it. */
function findRoute(ctx: Context): string | undefined {
	const route: unknown = ctx["_matchedRoute"];
	return typeof route === "string" ? route : undefined;
}

/** The language of the first tag the caller accepts. */
export function toErrorContext(
	ctx: Context,
	requestId: string,
	supportUrl: string | undefined,
): ErrorContext {
	return { language: toLanguage(ctx.get("Accept-Language").split(",")[0]?.trim()), requestId, supportUrl };
}

/** A refusal while the body is still on its way: take a bounded rest of it, so that the caller can read the answer, then close. */
async function closeOverUnreadBody(
	request: IncomingMessage,
	set: (name: string, value: string) => void,
): Promise<void> {
	const length = request.headers["content-length"];
	const hasBody =
		request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
	if (!hasBody || request.complete) return;
	const isRead = await discardBody(request);
	if (!isRead) set("Connection", "close");
}
