import type { IncomingMessage } from "node:http";

/**
 * The key of a call: OpenAI's clients send it as a Bearer, Anthropic's as x-api-key. Undefined unless exactly one is there,
 * once; never from a query.
 */
export function findKey(request: IncomingMessage): string | undefined {
	const bearers = request.headersDistinct["authorization"] ?? [];
	const keys = request.headersDistinct["x-api-key"] ?? [];
	if (bearers.length + keys.length !== 1) return undefined;
	const [key] = keys;
	if (key !== undefined) return /^[\x21-\x7e]{1,512}$/.test(key) ? key : undefined;
	return /^bearer ([\x21-\x7e]{1,512})$/i.exec(bearers[0] ?? "")?.[1];
}
