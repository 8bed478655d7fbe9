import type { IncomingMessage } from "node:http";

const AUTHORIZATION = "authorization";
const API_KEY = "x-api-key";
const BEARER = /^bearer ([\x21-\x7e]{1,512})$/i;
const PLAIN = /^[\x21-\x7e]{1,512}$/;

/**
 * The key of a call: OpenAI's clients send it as a Bearer, Anthropic's as x-api-key. Undefined unless exactly one is there,
 * once; never from a query. Read from the raw headers, because an object that tells repeated ones apart costs more than this.
 */
export function findKey({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): string | undefined {
	let found: { readonly value: string; readonly isBearer: boolean } | undefined;
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at] ?? "";
		const isBearer = isNamed(name, AUTHORIZATION);
		if (!isBearer && !isNamed(name, API_KEY)) continue;
		if (found !== undefined) return undefined;
		found = { value: rawHeaders[at + 1] ?? "", isBearer };
	}
	if (found === undefined) return undefined;
	if (found.isBearer) return BEARER.exec(found.value)?.[1];
	return PLAIN.test(found.value) ? found.value : undefined;
}

function isNamed(name: string, wanted: string): boolean {
	return name.length === wanted.length && name.toLowerCase() === wanted;
}
