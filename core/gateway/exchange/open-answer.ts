import type { Dialect } from "../../dialects/types.ts";
import type { Egress } from "../../egress/create-egress.ts";
import { postJson, toAnswerFailure } from "../../egress/post-json.ts";
import { ResponseQueue } from "../../egress/response-queue.ts";
import type { Place } from "../../models/exchange.ts";
import type { GatewayCall } from "../call.ts";
import { toOutgoing } from "../request/to-outgoing.ts";
import type { AnswerSource } from "./answer-source.ts";
import { openDemoSource } from "./demo-source.ts";

/**
 * Asks one place. Resolves with the first bytes of an answer on their way.
 *
 * @throws AppError when the place refuses; what the HTTP client throws; the reason of `place.signal`
 */
export async function openAnswer(
	egress: Egress,
	call: GatewayCall,
	place: Place,
	onQueue: (queue: Pick<AnswerSource, "abort">) => void,
): Promise<AnswerSource> {
	const { endpoint, provider } = place;
	if (provider.dialect === "demo") return openDemoSource(call, place, onQueue);
	const dialect: Dialect = provider.dialect === "anthropic" ? "anthropic" : "openai";
	const { url, headers, body } = toOutgoing(call, place, dialect);
	const { isStream } = call.fields;
	const { timeouts, apiKey, allowPrivateNetwork, isFresh = false } = endpoint;
	const queue = new ResponseQueue();
	onQueue(queue);
	const request = {
		url,
		headers,
		body,
		allowPrivateNetwork,
		isFresh,
		secret: apiKey,
		accept: isStream ? ("text/event-stream" as const) : ("application/json" as const),
		// A whole answer begins when it is complete.
		timeouts: isStream ? timeouts : { ...timeouts, firstByteMs: timeouts.totalMs },
	};
	postJson(egress, request, queue);
	const head = await queue.head();
	const type = String(head.headers["content-type"] ?? "").toLowerCase();
	const encoding = head.headers["content-encoding"] ?? "identity";
	if (head.status !== 200 || encoding !== "identity" || !isOfType(type, isStream)) {
		const failure = await toAnswerFailure(head, queue, request);
		queue.abort(failure);
		throw failure;
	}
	return {
		dialect,
		read: () => queue.read(),
		abort: (reason) => queue.abort(reason),
		leave: (graceMs) => queue.leave(graceMs),
	};
}

function isOfType(type: string, isStream: boolean): boolean {
	return isStream ? type.startsWith("text/event-stream") : /^application\/(?:[\w.-]+\+)?json/.test(type);
}
