import type { KeyGrants } from "../api-keys/key-grants.ts";
import type { JsonObject } from "../dialects/types.ts";
import type { Egress } from "../egress/create-egress.ts";
import { AppError } from "../errors.ts";
import type { Models, RelayRequest } from "../models/model-call.ts";
import type { RouteSource } from "../models/route-source.ts";
import type { RequestBook } from "./answer-once.ts";
import { answerOnce } from "./answer-once.ts";
import type { GatewayCall } from "./call.ts";
import { countInput } from "./count-input.ts";
import { describeFailure } from "./describe-failure.ts";
import { exchangeStream } from "./exchange/exchange-stream.ts";
import type { WholeAnswer } from "./exchange/exchange-whole.ts";
import { exchangeWhole } from "./exchange/exchange-whole.ts";
import type { Gateway, GatewayRequest, GatewaySink } from "./gateway.ts";
import type { KeyGrant } from "./key-grant.ts";
import type { KeyCaps } from "./keys/key-caps.ts";
import type { KeyLimits } from "./keys/key-limits.ts";
import { requireAllowedNetwork } from "./keys/networks.ts";
import type { FindCaller } from "./keys/trusted-proxies.ts";
import { listModels } from "./list-models.ts";
import type { SizePresets } from "./model-names.ts";
import { toNamedModel } from "./model-names.ts";
import { estimateInput } from "./request/estimate-tokens.ts";
import { parseBody } from "./request/parse-body.ts";
import { readFields } from "./request/read-fields.ts";
import { scanBody } from "./request/scan-body.ts";
import type { EndedCall } from "./settle-calls.ts";
import { toPurse } from "./to-purse.ts";

export type GatewayDeps = {
	readonly models: Pick<Models, "relay">;
	readonly egress: Egress;
	readonly routes: Pick<RouteSource, "current">;
	readonly keys: Pick<KeyGrants, "find" | "isLive">;
	readonly findCaller: FindCaller;
	readonly limits: KeyLimits;
	readonly caps: KeyCaps;
	readonly book: RequestBook;
	readonly presets: SizePresets;
	/** Charges a call that is over; never throws. */
	readonly settle: (ended: EndedCall) => Promise<void>;
	/** Gives a key's hold back; never throws. */
	readonly releaseHold: (reservationId: string) => Promise<void>;
	/** How long one call may take, with all its tries: its Idempotency-Key counts on it. */
	readonly callMsMax: number;
	readonly supportUrl: string | undefined;
};

const SETTLE_PATIENCE_MS = 3_000;
/** Of a caller who names no length. */
const OUTPUT_TOKENS_DEFAULT = 4_096;

/** The gateway over the one model-call path: reserve -> route -> limit -> call -> settle, whatever the bytes say. */
export function createGateway(deps: GatewayDeps): Gateway {
	const { keys, limits, book, supportUrl } = deps;
	return {
		async authenticate(key, remoteAddress, forwardedFor) {
			const grant = await keys.find(key);
			requireAllowedNetwork(grant, deps.findCaller(remoteAddress, forwardedFor));
			return grant;
		},
		isLive: async (grant) => await keys.isLive(grant),
		enter: limits.enter,
		describeFailure: (surface, error, requestId) => describeFailure(surface, error, requestId, supportUrl),
		async complete(request, sink, signal) {
			// Most have none, and then there is nothing to remember.
			if (request.idempotencyKey === undefined) await complete(deps, request, sink, signal);
			else await answerOnce(book, request, sink, async (once) => await complete(deps, request, once, signal));
		},
		listModels: async (grant) => listModels(await deps.routes.current(), grant),
		countTokens: countInput,
	};
}

/** @returns whether the answer came to its end */
async function complete(
	deps: GatewayDeps,
	request: GatewayRequest,
	sink: GatewaySink,
	signal: AbortSignal,
): Promise<boolean> {
	const call = toCall(request, deps.supportUrl);
	const terms = toTerms(deps, request, call);
	let whole: WholeAnswer | undefined;
	const keep = (answer: WholeAnswer): void => {
		whole = answer;
	};
	// No promise around a promise: there is one a call and a layer.
	const result = await deps.models.relay(terms, signal, (place) =>
		call.fields.isStream
			? exchangeStream(deps.egress, call, place, sink)
			: exchangeWhole(deps.egress, call, place, keep),
	);
	// Charged before it is told: a whole answer that nobody paid for is not given away by a crash.
	await withinPatience(deps.settle({ ...result, isCapped: terms.purse !== undefined }));
	const isComplete = result.outcome === "complete" || result.outcome === "length";
	if (whole === undefined) return isComplete;
	sink.open(whole.head);
	sink.write(whole.body);
	return isComplete;
}

/** A database that is away is tried on; the answer, which is paid for by what is held, does not wait for it. */
async function withinPatience(settled: Promise<void>): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const timer = setTimeout(resolve, SETTLE_PATIENCE_MS);
		settled.then(() => {
			clearTimeout(timer);
			resolve();
		}, reject);
	});
}

/** @throws AppError REQUEST_INVALID */
function toCall(
	{ surface, bytes, grant, requestId, vendorHeaders }: GatewayRequest,
	supportUrl: string | undefined,
): GatewayCall {
	const scanned = scanBody(bytes);
	const fields = readFields(surface, bytes, scanned);
	let body: JsonObject | undefined;
	return {
		kind: surface,
		bytes,
		scanned,
		fields,
		vendorHeaders,
		requestId,
		supportUrl,
		userTag: `account-${grant.accountId}`,
		context() {
			body ??= parseBody(bytes);
			return {
				model: fields.model,
				id: requestId,
				request: body,
				nowSeconds: Math.floor(Date.now() / 1_000),
			};
		},
	};
}

/** @throws AppError BILLING_SUBSCRIPTION_INACTIVE, FORBIDDEN, REQUEST_INVALID */
function toTerms(deps: GatewayDeps, request: GatewayRequest, call: GatewayCall): RelayRequest {
	const { grant, bytes, requestId } = request;
	const plan = requirePlan(grant);
	const { policy, target } = toNamedModel(call.fields.model, grant, deps.presets);
	const source = request.source ?? grant.source;
	const purse = toPurse(deps, grant, source);
	const isEmbedding = call.kind === "embeddings";
	const estimate = estimateInput(call.scanned, bytes.length, isEmbedding);
	return {
		accountId: grant.accountId,
		// Grows with time, and the ledger's index at one end.
		callId: `${Date.now()}:${requestId}`,
		channel: "http",
		source,
		plan,
		policy,
		routeOrder: grant.routeOrder,
		outputTokensMax: isEmbedding ? 1 : (call.fields.outputTokensMax ?? OUTPUT_TOKENS_DEFAULT),
		callMsMax: deps.callMsMax,
		inputTokens: estimate.inputTokens,
		documentTokens: estimate.documentTokens,
		inputTokensMax: estimate.inputTokensMax,
		...(target !== undefined && { target }),
		...(isEmbedding && { dialects: ["openai"], kind: "embedding" as const }),
		...(purse !== undefined && { purse }),
	};
}

function requirePlan({ plan }: KeyGrant): NonNullable<KeyGrant["plan"]> {
	if (plan === undefined) throw new AppError("BILLING_SUBSCRIPTION_INACTIVE", "no live subscription");
	return plan;
}
