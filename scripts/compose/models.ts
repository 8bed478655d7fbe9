import type { Redis } from "ioredis";
import type { Knex } from "knex";
import type { Config } from "../../core/config.ts";
import type { Egress } from "../../core/egress/create-egress.ts";
import { createEgress } from "../../core/egress/create-egress.ts";
import { createHealthProbe } from "../../core/egress/health-probe.ts";
import { writeUsage } from "../../core/inbox/write-usage.ts";
import { createLedger } from "../../core/ledger/create-ledger.ts";
import type { Ledger } from "../../core/ledger/ledger.ts";
import type { Logger } from "../../core/log.ts";
import { bootstrapProviders } from "../../core/models/bootstrap-providers.ts";
import { countTokensNow } from "../../core/models/count-tokens.ts";
import { createModels } from "../../core/models/create-models.ts";
import { connectRedis } from "../../core/models/limiter/connect-redis.ts";
import { createLimiter } from "../../core/models/limiter/create-limiter.ts";
import type { SharedLimits } from "../../core/models/limiter/shared-limits.ts";
import { createSharedLimits } from "../../core/models/limiter/shared-limits.ts";
import type { Models } from "../../core/models/model-call.ts";
import type { CallStep } from "../../core/models/models-deps.ts";
import { createProviderLog } from "../../core/models/provider-log.ts";
import type { RouteSource } from "../../core/models/route-source.ts";
import { createRouteSource } from "../../core/models/route-source.ts";
import { createAnthropicProvider } from "../../core/providers/anthropic.ts";
import { createDemoProvider } from "../../core/providers/demo.ts";
import { createOpenAiProvider } from "../../core/providers/openai-compatible.ts";
import { DEMO_ROUTES, toProviderSeeds } from "../../core/providers/presets.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import { PROXY } from "../provider/proxy.ts";
import { openLeases } from "./leases.ts";

export type ModelParts = {
	readonly config: Config;
	readonly db: Knex;
	readonly ledger: Ledger;
	readonly secrets: Secrets;
	readonly log: Logger;
	readonly onStep: (step: CallStep) => void;
};

export type ComposedModels = Models & {
	readonly routes: RouteSource;
	readonly egress: Egress;
	/** Undefined without Redis. */
	readonly shared: SharedLimits | undefined;
	close(): Promise<void>;
};

/** The one path to a model: adapters, the provider table with its keys, limits shared over Redis where there is one. */
export async function composeModels(parts: ModelParts): Promise<ComposedModels> {
	const { config, db, ledger, secrets, log, onStep } = parts;
	await bootstrapProviders(db, secrets, toProviderSeeds(config.providers));
	const egress = createEgress();
	const probe = createHealthProbe({ egress });
	const redis =
		config.redisUrl === undefined
			? undefined
			: connectRedis(config.redisUrl, (err) =>
					log.warn({ err }, "Redis is away; limits hold for this node alone"),
				);
	const shared = redis === undefined ? undefined : createSharedLimits({ redis });
	const limiter = createLimiter(shared === undefined ? {} : { shared });
	const onTrouble = (message: string, err: unknown) => log.warn({ err }, message);
	const providerLog = createProviderLog(log);
	const routes = createRouteSource({ db, getSecret: async (id) => await secrets.get(id), onTrouble });
	// A program waits for each of its calls, where a chat's turn has company and a person who does not see milliseconds.
	const relayLedger = createLedger({ db, gatherMs: 0 });
	const leases = openLeases({ db, ledger, relayLedger, onTrouble });
	const models = createModels({
		...{ ledger, relayLedger, limiter, routes, leases },
		providers: [
			createOpenAiProvider({ egress }),
			createAnthropicProvider({ egress }),
			createDemoProvider({ countTokens: countTokensNow, wouldUse: DEMO_ROUTES }),
		],
		timeouts: config.providers.timeouts,
		askHealth: (provider) => (provider.providerId === PROXY.id ? probe.check(provider) : undefined),
		recordUsage: async (entry) =>
			await db.transaction(async (trx) => await writeUsage(trx, [entry], new Map())),
		onTrouble,
		onFailure: providerLog.failed,
		health: { onChange: providerLog.changed },
		onStep,
	});
	return {
		call: models.call,
		relay: models.relay,
		...{ routes, egress, shared },
		close: async () => {
			await leases.close();
			models.close();
			limiter.close();
			await Promise.allSettled([egress.close(), closeRedis(redis)]);
		},
	};
}

async function closeRedis(redis: Redis | undefined): Promise<void> {
	redis?.disconnect();
}
