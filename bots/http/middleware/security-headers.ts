import type { Middleware } from "koa";

/** For an API without pages: nothing is cached, embedded, sniffed or run. Source: requirement S13 of the security page. */
const HEADERS = {
	"Cache-Control": "no-store",
	"Content-Security-Policy":
		"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy": "no-referrer",
	"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	"X-Content-Type-Options": "nosniff",
} as const;

export function securityHeaders(): Middleware {
	return async function securityHeadersMiddleware(ctx, next) {
		ctx.set(HEADERS);
		await next();
	};
}
