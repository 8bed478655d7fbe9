import { RESERVATION_TTL_MS } from "../models/heartbeats.ts";
import type { ModelCallSource, Purse } from "../models/model-call.ts";
import type { KeyGrant } from "./key-grant.ts";
import type { KeyCaps } from "./keys/key-caps.ts";

export type PurseDeps = {
	readonly caps: KeyCaps;
	readonly releaseHold: (reservationId: string) => Promise<void>;
};

/** A call lives for ten minutes at most, and its reservation for two more. */
const HOLD_TTL_MS = 600_000 + RESERVATION_TTL_MS;

/** The key's own caps as a second purse of its calls; undefined for a key without any. */
export function toPurse(
	{ caps, releaseHold }: PurseDeps,
	grant: KeyGrant,
	source: ModelCallSource,
): Purse | undefined {
	if (grant.dailyCapMicro === undefined && grant.idleCapMicro === undefined) return undefined;
	return {
		async hold(request) {
			const held = await caps.hold(grant, { ...request, source, ttlMs: HOLD_TTL_MS });
			return held?.amountMicro ?? request.wantedMicro;
		},
		giveBack: releaseHold,
	};
}
