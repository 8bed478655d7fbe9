import type { Knex } from "knex";
import type { KeyGrants } from "../../core/api-keys/key-grants.ts";
import type { Config } from "../../core/config.ts";
import type { Gateway } from "../../core/gateway/gateway.ts";
import { openGateway } from "../../core/gateway/open-gateway.ts";
import type { Ledger } from "../../core/ledger/ledger.ts";
import type { Logger } from "../../core/log.ts";
import { CLOUDRU_PRESETS } from "../../core/providers/presets.ts";
import type { ComposedModels } from "./models.ts";

export type GatewayComposition = {
	readonly config: Config;
	readonly db: Knex;
	readonly ledger: Ledger;
	readonly models: ComposedModels;
	readonly keys: KeyGrants;
	readonly log: Logger;
};

/** The model gateway over the same path, limits and ledger as the chat. */
export function composeGateway(parts: GatewayComposition): Gateway {
	const { config, db, ledger, models, keys, log } = parts;
	const { shared, routes, egress } = models;
	return openGateway({
		...{ db, ledger, models, routes, egress, keys },
		trustedProxies: config.trustedProxies,
		limits: { ...config.gateway, ...(shared !== undefined && { shared }) },
		presets: CLOUDRU_PRESETS,
		callMsMax: config.providers.timeouts.totalMs,
		supportUrl: config.supportUrl,
		onTrouble: (message, err) => log.error({ err }, message),
	});
}
