import { AppError } from "../errors.ts";
import type { ReserveOutcome } from "../ledger/ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { Hold } from "./amounts.ts";
import { toHold } from "./amounts.ts";
import { RESERVATION_TTL_MS } from "./heartbeats.ts";
import type { CallTerms, LeaseShare, RelayRequest } from "./model-call.ts";
import type { ModelsDeps } from "./models-deps.ts";
import { toReservationId } from "./reservation-id.ts";
import type { Route } from "./route-table.ts";

/** Quota that is held for one try. */
export type Held = {
	readonly reservationId: string;
	/** Input with its margin, in tokens. */
	readonly inputTokens: number;
	readonly heldMicro: number;
	/** The least that makes sense. */
	readonly minimumMicro: number;
	/** Where it is held by a lease: `reservationId` is the call's own number then. */
	readonly share?: LeaseShare;
};

/** How often one try may have been given back and begun again; a turn handed from node to node does that. */
const GENERATIONS_MAX = 10;

/**
 * Holds what the call may cost, or as much of it as the account has. A try that was begun before goes on with what it holds;
 * where that was given back (its node stopped, or it expired) the next one is held.
 *
 * @throws AppError BILLING_QUOTA_EXCEEDED (`details.resetsAt`) when not even a short answer is affordable; INTERNAL when this
 *   try was made and charged before; what the ledger throws.
 */
export async function holdQuota(
	deps: ModelsDeps,
	request: CallTerms & Pick<RelayRequest, "purse" | "documentTokens">,
	route: Route,
	inputTokens: number,
	tryNumber: number,
): Promise<Held> {
	const hold = toHold(route, inputTokens, request.outputTokensMax, request.documentTokens);
	const share = await takeShare(deps, request, hold);
	if (share !== undefined) {
		const { inputTokens, minimumMicro, wantedMicro: heldMicro } = hold;
		return {
			reservationId: toReservationId(request.callId, tryNumber),
			inputTokens,
			minimumMicro,
			heldMicro,
			share,
		};
	}
	for (let generation = 0; generation < GENERATIONS_MAX; generation += 1) {
		const reservationId = toReservationId(request.callId, tryNumber, generation);
		const outcome = await reserve(deps, reservationId, request.accountId, hold);
		if (outcome.kind === "insufficient") {
			throw await toQuotaExceeded(deps, request.accountId, hold, outcome.availableMicro);
		}
		if (outcome.kind === "reserved" || outcome.state === "pending") {
			const { inputTokens, minimumMicro } = hold;
			return { reservationId, inputTokens, minimumMicro, heldMicro: outcome.amountMicro };
		}
		if (outcome.state === "posted") break;
	}
	throw new AppError("INTERNAL", `call ${request.callId} was made before`);
}

/** Of a lease, where it may be: a call that a key's own cap concerns is held by both under one reservation. */
async function takeShare(
	{ leases, takesLeases }: ModelsDeps,
	{ accountId, purse }: Pick<RelayRequest, "accountId" | "purse">,
	{ wantedMicro }: Hold,
): Promise<LeaseShare | undefined> {
	if (leases === undefined || takesLeases !== true || purse !== undefined) return undefined;
	return await leases.take(accountId, wantedMicro);
}

/** What the account lacks may lie in this node's own hand: it gives that back, and asks once more. */
async function reserve(
	{ ledger, leases }: ModelsDeps,
	reservationId: string,
	accountId: string,
	{ minimumMicro, wantedMicro }: Hold,
): Promise<ReserveOutcome> {
	const asked = { reservationId, accountId, minimumMicro, wantedMicro, ttlMs: RESERVATION_TTL_MS };
	const outcome = await ledger.reserve(asked);
	if (outcome.kind !== "insufficient" || leases === undefined) return outcome;
	return (await leases.recall(accountId)) ? await ledger.reserve(asked) : outcome;
}

/** Voids it. Never throws: a reservation that cannot be voided expires by itself. */
export async function giveBack(deps: ModelsDeps, held: Held): Promise<void> {
	if (held.share !== undefined) {
		held.share.end(0, undefined);
		return;
	}
	try {
		await deps.ledger.settle({ reservationId: held.reservationId, actualMicro: 0 });
	} catch (error) {
		deps.onTrouble("a reservation could not be voided and will expire", error);
	}
}

async function toQuotaExceeded(
	deps: ModelsDeps,
	accountId: string,
	hold: Hold,
	availableMicro: number,
): Promise<AppError> {
	const balance = await deps.ledger.balance(accountId).catch(() => undefined);
	return new AppError("BILLING_QUOTA_EXCEEDED", "not enough quota for the shortest answer", {
		details: {
			availableTokens: Math.floor(availableMicro / MICRO),
			neededTokens: Math.ceil(hold.minimumMicro / MICRO),
			...(balance?.resetsAt === undefined ? {} : { resetsAt: balance.resetsAt.toISOString() }),
			...(balance === undefined ? {} : { zone: balance.zone }),
		},
	});
}
