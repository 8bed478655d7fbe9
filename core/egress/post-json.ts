import type { AppError } from "../errors.ts";
import { checkUrl } from "./check-url.ts";
import type { Egress } from "./create-egress.ts";
import { EXCERPT_LENGTH_MAX, toProviderFailure, toStatusFailure } from "./http-failure.ts";
import type { ResponseHead, ResponseQueue } from "./response-queue.ts";

export type PostRequest = {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
	readonly allowPrivateNetwork: boolean;
	/** True: over a connection nobody used before. */
	readonly isFresh?: boolean;
	readonly timeouts: {
		readonly connectMs: number;
		readonly firstByteMs: number;
		readonly idleMs: number;
	};
	/** What is to come back. */
	readonly accept: "text/event-stream" | "application/json";
	/** Kept out of every message we make of what the far end says. */
	readonly secret: string;
};

const ERROR_BODY_BYTES_MAX = 16 * 1024;
const ERROR_BODY_MS_MAX = 2_000;

/**
 * Sends a JSON body to an address somebody typed in; the answer arrives in `queue`.
 *
 * @throws AppError ROUTER_NO_PROVIDER when the address is refused; what the client throws.
 */
export function postJson(egress: Egress, request: PostRequest, queue: ResponseQueue): void {
	const { allowPrivateNetwork, timeouts, isFresh = false } = request;
	const { origin, path } = findDestination(egress, request);
	egress.dispatcher({ allowPrivateNetwork, connectMs: timeouts.connectMs, isFresh }).dispatch(
		{
			origin,
			path,
			method: "POST",
			headers: {
				...request.headers,
				"content-type": "application/json",
				accept: request.accept,
				// A compressed stream would need caps of its own.
				"accept-encoding": "identity",
				"user-agent": "rockpool",
			},
			body: request.body,
			headersTimeout: timeouts.firstByteMs,
			bodyTimeout: timeouts.idleMs,
		},
		queue,
	);
}

type Destination = { readonly origin: string; readonly path: string };

/** URLs that were checked once: there are as many as providers, and reading one costs more than sending to it. */
const known = new WeakMap<Egress, Map<string, Destination>>();
const KNOWN_MAX = 1_000;

/** @throws AppError ROUTER_NO_PROVIDER when the address is refused */
function findDestination(egress: Egress, { url, allowPrivateNetwork }: PostRequest): Destination {
	const destinations = known.get(egress) ?? new Map<string, Destination>();
	known.set(egress, destinations);
	const key = `${allowPrivateNetwork} ${url}`;
	const found = destinations.get(key);
	if (found !== undefined) return found;
	const check = checkUrl(url, { allowPrivateNetwork, portsAllowed: egress.portsAllowed });
	if (check.kind === "refused") {
		throw toProviderFailure("refused-address", `the provider's URL is refused: ${check.why}`);
	}
	if (destinations.size >= KNOWN_MAX) destinations.clear();
	const destination = { origin: check.url.origin, path: check.url.pathname };
	destinations.set(key, destination);
	return destination;
}

/** The failure that a status or a wrong kind of body means. Reads a little of the body, for the log. */
export async function toAnswerFailure(
	head: ResponseHead,
	queue: ResponseQueue,
	request: Pick<PostRequest, "secret">,
): Promise<AppError> {
	const text = await readErrorBody(queue, request.secret);
	if (head.status === 200) {
		return toProviderFailure(
			"protocol",
			`not an event stream (${head.headers["content-type"]}): ${text.slice(0, EXCERPT_LENGTH_MAX)}`,
		);
	}
	const retryAfter = head.headers["retry-after"];
	return toStatusFailure(head.status, retryAfter?.toString(), text, Date.now());
}

async function readErrorBody(queue: ResponseQueue, secret: string): Promise<string> {
	const parts: Buffer[] = [];
	let bytes = 0;
	const timer = setTimeout(() => queue.abort(new Error("slow error body")), ERROR_BODY_MS_MAX);
	try {
		while (bytes < ERROR_BODY_BYTES_MAX) {
			const chunks = await queue.read();
			if (chunks === undefined) break;
			parts.push(...chunks);
			bytes += chunks.reduce((sum, chunk) => sum + chunk.length, 0);
		}
	} catch {
		// The status says enough; what was read of the body is a courtesy to the log.
	} finally {
		clearTimeout(timer);
	}
	const text = Buffer.concat(parts).subarray(0, ERROR_BODY_BYTES_MAX).toString("utf8");
	const clean = secret === "" ? text : text.replaceAll(secret, "[key]");
	return clean.replace(/\s+/g, " ");
}
