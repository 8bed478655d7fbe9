import { AppError } from "../errors.ts";
import type { Charge } from "./amounts.ts";
import { findPossible, toCharge } from "./amounts.ts";
import type { Delivered } from "./exchange.ts";
import type { Held } from "./hold-quota.ts";
import type { CallResult, CallTerms, UsageEntry } from "./model-call.ts";
import type { Route } from "./route-table.ts";

/** One call that was sent and is over. */
export type Sent = {
	readonly request: CallTerms;
	readonly route: Route;
	readonly held: Held;
	/** Counted input, without margin. */
	readonly inputTokens: number;
	/** More than this no honest provider can report. */
	readonly inputTokensMax: number;
	/** What was sent as max_tokens. */
	readonly outputTokensMax: number;
	readonly delivered: Delivered;
	readonly failure: AppError | undefined;
};

/** Why a call is a failure of its provider, if it is. A whole answer without a word is one, unless a limit or a filter explains it. */
export function toFailure(delivered: Delivered): AppError | undefined {
	const { failure, finishReason, hasContent } = delivered;
	if (failure !== undefined || delivered.isAborted) return failure;
	const isExplained = finishReason === "length" || finishReason === "content-filter";
	const isEmpty = !hasContent && !isExplained;
	const isCut = finishReason === "cut" || finishReason === undefined;
	if (!isEmpty && !isCut) return undefined;
	return new AppError("ROUTER_NO_PROVIDER", isEmpty ? "an empty answer" : "the stream was cut", {
		details: { cause: "protocol" },
	});
}

/** What the call costs, by the settle table; nothing delivered costs nothing. */
export async function toFinalCharge(sent: Sent): Promise<Charge> {
	const { delivered, route, held, inputTokensMax, outputTokensMax } = sent;
	const { finishReason, hasContent, usage } = delivered;
	const least = hasContent ? delivered.leastOutput() : 0;
	const outputTokensMin = typeof least === "number" ? least : await least;
	const reported = findPossible({ usage, inputTokensMax, outputTokensMax, outputTokensMin });
	const charge = toCharge(route, {
		usage: reported ?? {
			inputTokens: sent.inputTokens,
			outputTokens: hasContent ? await delivered.countOutput() : 0,
		},
		origin: reported === undefined ? "counted" : "reported",
		isWhole: finishReason !== undefined && finishReason !== "cut",
		heldMicro: held.heldMicro,
	});
	return hasContent ? charge : { ...charge, micro: 0 };
}

/** The result of a call that delivered something, or that rightly delivered nothing. */
export function toResult(sent: Sent, charge: Charge): CallResult {
	const { provider, model } = sent.route;
	return {
		outcome: toOutcome(sent),
		route: { provider: provider.providerId, model, region: provider.region },
		settlement: { reservationId: sent.held.reservationId, actualMicro: charge.micro },
		usage: toUsageEntry(sent, charge),
		...(sent.held.share !== undefined && { share: sent.held.share }),
	};
}

export function toUsageEntry(sent: Sent, charge: Charge): UsageEntry {
	const { request, route, delivered, failure } = sent;
	return {
		accountId: request.accountId,
		inboxId: request.inboxId,
		reservationId: sent.held.reservationId,
		channel: request.channel,
		source: request.source,
		agentId: request.agentId,
		providerId: route.provider.providerId,
		model: route.model,
		region: route.provider.region,
		policy: request.policy,
		inputTokens: charge.usage.inputTokens,
		outputTokens: charge.usage.outputTokens,
		tokensOrigin: charge.origin,
		chargedMicro: charge.micro,
		firstTokenMs: delivered.firstTokenMs,
		latencyMs: delivered.latencyMs,
		outcome: toLoggedOutcome(sent),
		errorCode: failure?.code,
	};
}

function toOutcome({ delivered, failure }: Sent): CallResult["outcome"] {
	if (delivered.isAborted) return "stopped";
	if (failure !== undefined) return "cut";
	return delivered.finishReason === "length" ? "length" : "complete";
}

function toLoggedOutcome(sent: Sent): UsageEntry["outcome"] {
	const outcome = toOutcome(sent);
	if (outcome === "length") return "complete";
	return outcome === "cut" && !sent.delivered.hasContent ? "failed" : outcome;
}
