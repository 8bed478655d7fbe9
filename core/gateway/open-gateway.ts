import type { Knex } from "knex";

import type { KeyGrants } from "../api-keys/key-grants.ts";
import type { Egress } from "../egress/create-egress.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Models } from "../models/model-call.ts";
import type { RouteSource } from "../models/route-source.ts";
import { createGateway } from "./create-gateway.ts";
import type { Gateway } from "./gateway.ts";
import { abandonRequest, beginRequest, finishRequest } from "./keys/idempotency.ts";
import { createKeyCaps, settleKeyHolds } from "./keys/key-caps.ts";
import type { KeyLimitsOptions } from "./keys/key-limits.ts";
import { createKeyLimits } from "./keys/key-limits.ts";
import { createCallerFinder } from "./keys/trusted-proxies.ts";
import type { SizePresets } from "./model-names.ts";
import { createSettleCalls } from "./settle-calls.ts";

export type GatewayParts = {
	readonly db: Knex;
	readonly ledger: Ledger;
	readonly models: Pick<Models, "relay">;
	readonly routes: Pick<RouteSource, "current">;
	readonly egress: Egress;
	readonly keys: KeyGrants;
	/** CIDR blocks whose X-Forwarded-For is believed. */
	readonly trustedProxies: readonly string[];
	readonly limits: KeyLimitsOptions;
	readonly presets: SizePresets;
	/** How long one call may take, with all its tries. */
	readonly callMsMax: number;
	readonly supportUrl: string | undefined;
	/** What we survive, for the log. */
	readonly onTrouble: (message: string, error: unknown) => void;
};

/** The gateway with its keys, caps and memory on PostgreSQL; holds no logic. */
export function openGateway(parts: GatewayParts): Gateway {
	const { db, ledger, models, routes, egress, keys, presets, callMsMax, supportUrl, onTrouble } = parts;
	return createGateway({
		...{ models, routes, egress, keys, presets, callMsMax, supportUrl },
		findCaller: createCallerFinder(parts.trustedProxies),
		limits: createKeyLimits(parts.limits),
		caps: createKeyCaps(db),
		book: {
			begin: async (grant, request) => await beginRequest(db, grant, request, callMsMax),
			finish: async (request, answer) => await finishRequest(db, request, answer),
			abandon: async (request) => await abandonRequest(db, request),
			onTrouble,
		},
		settle: createSettleCalls({ db, ledger, onTrouble }),
		releaseHold: async (reservationId) => {
			await settleKeyHolds(db, [{ reservationId, chargedMicro: 0 }]).catch((error: unknown) => {
				onTrouble("a key's hold could not be given back and will expire", error);
			});
		},
	});
}
