import type { IncomingMessage, ServerResponse } from "node:http";
import type { GatewayFailure } from "../../../core/gateway/gateway.ts";
import { discardBody } from "../body/discard-body.ts";

const HEADERS = {
	"content-type": "application/json; charset=utf-8",
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
} as const;

type Headers = Readonly<Record<string, string>>;

export function answerJson(response: ServerResponse, body: unknown, headers: Headers): void {
	const text = JSON.stringify(body);
	const length = Buffer.byteLength(text);
	response.writeHead(200, { ...headers, ...HEADERS, "content-length": length }).end(text);
}

/** Tells a failure before the answer began. What is left of the body is taken within bounds, so that the caller can read it. */
export async function answerFailure(
	request: IncomingMessage,
	response: ServerResponse,
	{ status, code, body, retryAfterSeconds, place }: GatewayFailure,
	headers: Headers,
): Promise<void> {
	if (response.headersSent || response.destroyed) {
		response.destroy();
		return;
	}
	const isRead = request.complete || (await discardBody(request));
	if (response.destroyed) return;
	response
		.writeHead(status, {
			...headers,
			...HEADERS,
			"content-length": Buffer.byteLength(body),
			"x-rockpool-code": code,
			...(place !== undefined && {
				"x-rockpool-provider": place.provider,
				"x-rockpool-region": place.region,
				"x-rockpool-attempts": String(place.attempts),
			}),
			...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
			...(status === 401 && { "www-authenticate": "Bearer" }),
			...(!isRead && { connection: "close" }),
		})
		.end(body);
}
