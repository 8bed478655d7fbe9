import type { Middleware } from "koa";
import { httpProblem } from "../http-problem.ts";

/** What no route took, in our own error form: 404, or 405 with the Allow header the router has set. */
export function refuseUnknown(): Middleware {
	return async function refuseUnknownMiddleware(ctx, next) {
		await next();
		if (ctx.respond === false || ctx.body !== undefined) return;
		if (ctx.status === 405 || ctx.status === 501) throw httpProblem("method-not-allowed");
		if (ctx.status === 404) throw httpProblem("not-found");
	};
}
