import { randomUUID } from "node:crypto";
import type { Middleware } from "koa";

/** What every request of the app carries. */
export type RequestState = { requestId: string };

/** Ours alone: an id from the caller would let him write into our logs. */
export function requestId(): Middleware<RequestState> {
	return async function requestIdMiddleware(ctx, next) {
		ctx.state.requestId = randomUUID();
		ctx.set("X-Request-Id", ctx.state.requestId);
		await next();
	};
}
