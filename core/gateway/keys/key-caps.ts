import type { Knex } from "knex";
import { createBatcher, TURN_GATHER_MS } from "../../db/batcher.ts";
import type { KeyHoldOutcome, KeyHoldRequest } from "../../db/gateway-caps.ts";
import { extendKeyCaps, holdKeyCaps, settleKeyCaps } from "../../db/gateway-caps.ts";
import { AppError } from "../../errors.ts";
import { isItemFault, tryAgain } from "../../ledger/again.ts";
import type { ModelCallSource } from "../../models/model-call.ts";
import type { KeyGrant, KeyHold } from "../key-grant.ts";

/** Holds in one statement. */
const BATCH_MAX = 200;

export type HoldKeyRequest = {
	/** Of this try; the idempotency key of the hold. */
	readonly reservationId: string;
	readonly wantedMicro: number;
	/** Less than this is no use; `wantedMicro` unless told. */
	readonly minimumMicro?: number;
	readonly source: ModelCallSource;
	/** After this long a hold of a dead node no longer counts; see `extend`. */
	readonly ttlMs: number;
};

/** amountMicro: at most what was wanted, where the cap has less left. */
export type HeldKey = KeyHold & { readonly amountMicro: number };

type CappedKey = Pick<KeyGrant, "keyId" | "dailyCapMicro" | "idleCapMicro">;

export type KeyCaps = {
	/**
	 * Holds a share of the key's own caps. Undefined, without asking anybody: no cap of the key concerns the call. The same
	 * reservation again holds nothing more. Concurrent calls are one statement.
	 *
	 * @throws AppError BILLING_QUOTA_EXCEEDED (details.reason "key-daily-cap" or "key-idle-cap", details.resetsAt);
	 *   AUTH_INVALID_CREDENTIALS when the key ended meanwhile; a database failure is passed on (fails closed).
	 */
	hold(grant: CappedKey, request: HoldKeyRequest): Promise<HeldKey | undefined>;
	/** For calls that go on: moves the expiry of their holds to now + ttlMs. */
	extend(holds: readonly KeyHold[], ttlMs: number): Promise<void>;
};

/** Caps of keys on PostgreSQL: what is spent and what is held never exceeds a cap, on any number of nodes. */
export function createKeyCaps(db: Knex): KeyCaps {
	const hold = createBatcher<KeyHoldRequest, KeyHoldOutcome>({
		run: async (requests) => await tryAgain(async () => await holdKeyCaps(db, requests)),
		itemsMax: BATCH_MAX,
		isItemFault,
		gatherMs: TURN_GATHER_MS,
	});
	return {
		hold: async (grant, request) => {
			const isIdle = isIdleSource(request.source);
			const isCapped = grant.dailyCapMicro !== undefined || (isIdle && grant.idleCapMicro !== undefined);
			if (!isCapped) return undefined;
			const { reservationId: holdId, wantedMicro, minimumMicro = wantedMicro, ttlMs } = request;
			const outcome = await hold({ holdId, keyId: grant.keyId, minimumMicro, wantedMicro, isIdle, ttlMs });
			if (outcome.kind === "held") return { holdId, amountMicro: outcome.amountMicro };
			throw toRefusal(outcome);
		},
		extend: async (holds, ttlMs) => {
			if (holds.length === 0) return;
			const holdIds = holds.map(({ holdId }) => holdId);
			await tryAgain(async () => await extendKeyCaps(db, holdIds, ttlMs));
		},
	};
}

/**
 * Ends holds with what their calls came to (0 gives everything back), in the transaction of the charge: after `settleIn`, so
 * that accounts are locked before keys. Once: a second time changes nothing.
 */
export async function settleKeyHolds(
	trx: Knex,
	settlements: readonly { readonly reservationId: string; readonly chargedMicro: number }[],
): Promise<void> {
	if (settlements.length === 0) return;
	await settleKeyCaps(
		trx,
		settlements.map(({ reservationId, chargedMicro }) => ({ holdId: reservationId, chargedMicro })),
	);
}

/** Calls nobody asked for: a machine makes them again and again, also while its owner sleeps. */
function isIdleSource(source: ModelCallSource): boolean {
	return source === "heartbeat" || source === "cron";
}

function toRefusal(outcome: Exclude<KeyHoldOutcome, { readonly kind: "held" }>): AppError {
	if (outcome.kind === "gone") return new AppError("AUTH_INVALID_CREDENTIALS", "the key ended meanwhile");
	return new AppError("BILLING_QUOTA_EXCEEDED", `the ${outcome.kind} cap of the key is spent`, {
		details: { reason: `key-${outcome.kind}-cap`, resetsAt: outcome.resetsAt.toISOString() },
	});
}
