import { AppError } from "../errors.ts";
import { toAffordableOutput } from "./amounts.ts";
import type { Sent } from "./conclude.ts";
import { toFailure, toFinalCharge, toResult, toUsageEntry } from "./conclude.ts";
import type { Delivered, Exchange } from "./exchange.ts";
import { NOTHING } from "./exchange.ts";
import type { Held } from "./hold-quota.ts";
import { giveBack, holdQuota } from "./hold-quota.ts";
import type { Permit } from "./limiter/create-limiter.ts";
import type { CallResult, RelayRequest } from "./model-call.ts";
import type { ModelsDeps } from "./models-deps.ts";
import type { Attempt } from "./provider-health.ts";
import type { ProviderState, Route } from "./route-table.ts";
import { toAccountGate, toProviderGate } from "./to-gates.ts";

/** One call at one place, with a reservation of its own. */
export type Try = {
	readonly request: RelayRequest;
	readonly route: Route;
	/** 0 for the first. */
	readonly number: number;
	/** How long it may stand in line. */
	readonly waitMsMax: number;
	/** When the whole call must be over, however many tries it takes; milliseconds of `performance.now`. */
	readonly endsAtMs: number;
	readonly signal: AbortSignal;
	readonly exchange: Exchange;
};

/**
 * skipped: the provider went away while the call waited for it; it was not asked. failed, aborted, skipped: nothing was
 * delivered, nothing is charged, the reservation is voided.
 */
export type TryOutcome =
	| { readonly kind: "done"; readonly result: CallResult }
	| { readonly kind: "failed" | "skipped"; readonly error: AppError }
	| { readonly kind: "aborted" };

/**
 * reserve -> limit -> call, and what it comes to.
 *
 * @throws AppError BILLING_QUOTA_EXCEEDED; what the ledger throws.
 */
export async function tryRoute(deps: ModelsDeps, one: Try): Promise<TryOutcome> {
	const { request, route } = one;
	const held = await holdQuota(deps, request, route, request.inputTokens, one.number);
	// A lease has a heartbeat of its own.
	const endHeartbeat = held.share === undefined ? deps.heartbeats.begin(held.reservationId) : undefined;
	const giveAllBack = async (): Promise<void> => {
		await Promise.all([giveBack(deps, held), request.purse?.giveBack(held.reservationId)]);
	};
	try {
		deps.onStep?.("after-reserve");
		const mayHold = request.purse === undefined ? held : await holdPurse(request, held);
		const outcome = await callUnderLimits(deps, one, mayHold);
		if (outcome.kind !== "done") await giveAllBack();
		return outcome;
	} catch (error) {
		await giveAllBack();
		throw error;
	} finally {
		endHeartbeat?.();
	}
}

/** What may be spent of what the account holds. */
async function holdPurse({ purse }: RelayRequest, held: Held): Promise<Held> {
	if (purse === undefined) return held;
	const { reservationId, heldMicro, minimumMicro } = held;
	const allowedMicro = await purse.hold({ reservationId, wantedMicro: heldMicro, minimumMicro });
	return { ...held, heldMicro: Math.min(heldMicro, allowedMicro) };
}

async function callUnderLimits(deps: ModelsDeps, one: Try, held: Held): Promise<TryOutcome> {
	const { request, route, signal } = one;
	const { providerId } = route.provider;
	const outputTokensMax = toAffordableOutput(route, held, request.outputTokensMax);
	let permit: Permit;
	try {
		permit = await deps.limiter.acquire({
			account: toAccountGate(request, deps.refundGuard.isSlowed(request.accountId)),
			provider: toProviderGate(route.provider),
			tokens: held.inputTokens + outputTokensMax,
			priority: request.plan.priority,
			waitMsMax: one.waitMsMax,
			signal,
		});
	} catch (error) {
		if (signal.aborted) return { kind: "aborted" };
		if (error instanceof AppError) return { kind: "failed", error };
		throw error;
	}
	const attempt = deps.health.begin(providerId);
	if (attempt === undefined) {
		permit.release(0);
		return { kind: "skipped", error: toUnavailable(providerId, deps.health.stateOf(providerId)) };
	}
	let tokensUsed = 0;
	try {
		const delivered = await send(deps, one, outputTokensMax, attempt);
		const failure = toFailure(delivered);
		report(attempt, delivered, failure);
		if (failure !== undefined) deps.onFailure?.(route, failure);
		const { inputTokens, inputTokensMax } = request;
		const sent: Sent = {
			request,
			route,
			held,
			inputTokens,
			inputTokensMax,
			outputTokensMax,
			delivered,
			failure,
		};
		const charge = await toFinalCharge(sent);
		tokensUsed = charge.usage.inputTokens + charge.usage.outputTokens;
		const isNothing = !delivered.hasContent && (failure !== undefined || delivered.isAborted);
		if (!isNothing) return { kind: "done", result: toResult(sent, charge) };
		deps.refundGuard.noteRefund(request.accountId);
		await deps.recordUsage(toUsageEntry(sent, charge)).catch((error) => {
			deps.onTrouble("a failed call was not written to the usage log", error);
		});
		return failure === undefined ? { kind: "aborted" } : { kind: "failed", error: failure };
	} finally {
		permit.release(tokensUsed);
	}
}

async function send(
	deps: ModelsDeps,
	one: Try,
	outputTokensMax: number,
	attempt: Attempt,
): Promise<Delivered> {
	const { route, number, signal } = one;
	const { providerId, baseUrl, allowPrivateNetwork, dialect } = route.provider;
	const provider = deps.providers.get(dialect);
	const apiKey = deps.routes.apiKeyOf(providerId);
	if (provider === undefined) return toUncallable(`no adapter for ${dialect}`);
	if (apiKey === undefined) return toUncallable("its key cannot be read");
	const asked = deps.askHealth?.(route.provider);
	const health = asked === undefined ? undefined : await asked;
	if (health?.kind === "dead") return toDead(health.why);
	const place = {
		route,
		provider,
		outputTokensMax,
		number,
		signal,
		endpoint: { providerId, baseUrl, apiKey, allowPrivateNetwork, timeouts: toTimeouts(deps, one) },
		onFirst() {
			attempt.firstText();
			deps.onStep?.("during-provider");
		},
	};
	const delivered = await one.exchange(place);
	if (!isReset(delivered)) return delivered;
	const timeouts = toTimeouts(deps, one);
	return await one.exchange({ ...place, endpoint: { ...place.endpoint, timeouts, isFresh: true } });
}

/** What is left of the call's time. */
function toTimeouts({ timeouts }: ModelsDeps, { endsAtMs }: Try): ModelsDeps["timeouts"] {
	const totalMs = Math.max(1, Math.ceil(endsAtMs - performance.now()));
	return totalMs >= timeouts.totalMs ? timeouts : { ...timeouts, totalMs };
}

/**
 * A kept connection may close at the moment it is used again, and after a pause of this process all of them have: that says
 * nothing of the provider. Over a new connection the call is made once more before anybody is told.
 */
function isReset({ failure, hasContent }: Delivered): boolean {
	return !hasContent && failure?.details["cause"] === "reset";
}

function report(attempt: Attempt, delivered: Delivered, failure: AppError | undefined): void {
	if (failure !== undefined) attempt.failed(failure);
	else if (delivered.isAborted) attempt.left();
	else attempt.succeeded();
}

function toUnavailable(providerId: string, state: ProviderState): AppError {
	if (state.kind === "cooling") {
		const { retryAfterMs } = state;
		return new AppError("ROUTER_RATE_LIMITED", `${providerId} asks for a pause`, {
			details: { retryAfterMs },
		});
	}
	return new AppError("ROUTER_NO_PROVIDER", `${providerId} is down`, { details: { cause: "down" } });
}

/** Nothing was sent: whoever is behind it was not asked. */
function toDead(why: string): Delivered {
	return {
		...NOTHING,
		failure: new AppError("ROUTER_NO_PROVIDER", `it is dead: ${why}`, { details: { cause: "unreachable" } }),
	};
}

/** As if the provider had refused our key: nobody can call it until somebody edits it. */
function toUncallable(why: string): Delivered {
	return {
		...NOTHING,
		failure: new AppError("ROUTER_NO_PROVIDER", why, { details: { cause: "credentials" } }),
	};
}
