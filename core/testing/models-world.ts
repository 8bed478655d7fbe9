import { createEgress } from "../egress/create-egress.ts";
import { writeUsage } from "../inbox/write-usage.ts";
import type { Settlement } from "../ledger/ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { CreateModelsOptions } from "../models/create-models.ts";
import { createModels } from "../models/create-models.ts";
import { connectRedis } from "../models/limiter/connect-redis.ts";
import { createLimiter } from "../models/limiter/create-limiter.ts";
import { createSharedLimits } from "../models/limiter/shared-limits.ts";
import type { ModelCallRequest, ModelCallResult, Models, UsageEntry } from "../models/model-call.ts";
import { createRouteSource } from "../models/route-source.ts";
import type { ModelSeed, Provider } from "../providers/provider.ts";
import type { LedgerWorld } from "./ledger-world.ts";
import { createLedgerWorld } from "./ledger-world.ts";
import { findTestRedisUrl } from "./test-redis.ts";

export type TestRoute = {
	readonly providerId: string;
	readonly dialect?: "openai" | "anthropic" | "demo";
	readonly baseUrl?: string;
	readonly region?: string;
	readonly concurrency?: number;
	readonly requestsPerMinute?: number;
	readonly model?: Partial<ModelSeed>;
};

export type ModelsWorld = LedgerWorld & {
	/** Writes providers, each with one model named like it; later ones are worse. Replaces those there were. */
	setRoutes(...routes: readonly TestRoute[]): Promise<void>;
	createModels(options?: Partial<CreateModelsOptions>): Models & { close(): void };
	/** A request of an account, with sensible defaults. */
	request(accountId: string, more?: Partial<ModelCallRequest>): ModelCallRequest;
	/** What the pipeline does with a result. @returns the tokens that were charged */
	commit(result: ModelCallResult): Promise<number>;
	usageRows(): Promise<readonly Record<string, unknown>[]>;
	readonly troubles: readonly string[];
};

const TIMEOUTS = { connectMs: 1_000, firstByteMs: 500, idleMs: 500, totalMs: 5_000 };

/** A database with a ledger and providers, and models that call them for real. Honours REDIS_URL. */
export async function createModelsWorld(
	toProviders: (egress: ReturnType<typeof createEgress>) => readonly Provider[],
): Promise<ModelsWorld> {
	const world = await createLedgerWorld();
	const { db, ledger } = world;
	const egress = createEgress();
	const troubles: string[] = [];
	const made: { close(): void }[] = [];
	const redisUrl = findTestRedisUrl();
	const redis = redisUrl === undefined ? undefined : connectRedis(redisUrl, () => undefined);
	let calls = 0;

	async function recordUsage(entry: UsageEntry): Promise<void> {
		await db.transaction(async (trx) => await writeUsage(trx, [entry], new Map()));
	}

	async function settle(settlements: readonly Settlement[], usage: UsageEntry): Promise<number> {
		const outcomes = await db.transaction(async (trx) => {
			const settled = await ledger.settleIn(trx, settlements);
			await writeUsage(trx, [usage], new Map());
			return settled;
		});
		return outcomes.reduce((sum, each) => sum + ("chargedMicro" in each ? each.chargedMicro : 0), 0) / MICRO;
	}

	return {
		...world,
		troubles,
		async setRoutes(...routes) {
			await db.raw("delete from providers");
			for (const [index, route] of routes.entries()) await insertRoute(world, route, 90 - index);
		},
		createModels(options = {}) {
			const limiter = createLimiter(redis === undefined ? {} : { shared: createSharedLimits({ redis }) });
			made.push(limiter);
			const onTrouble = (message: string): void => void troubles.push(message);
			const models = createModels({
				ledger,
				routes: createRouteSource({ db, getSecret: async (id) => await Promise.resolve(id), onTrouble }),
				providers: toProviders(egress),
				limiter,
				timeouts: TIMEOUTS,
				recordUsage,
				onTrouble,
				...options,
			});
			made.push(models);
			return models;
		},
		request(accountId, more = {}) {
			calls += 1;
			return {
				accountId,
				callId: `call-${calls}`,
				channel: "terminal",
				source: "chat",
				plan: { planId: "pro_40", priority: 4, concurrency: 8, busyStrategy: "fallback" },
				policy: "BEST",
				routeOrder: [],
				messages: [{ role: "user", content: "hello" }],
				outputTokensMax: 500,
				...more,
			};
		},
		commit: async ({ settlement, usage }) => await settle([settlement], usage),
		usageRows: async () =>
			(await db.raw<{ rows: Record<string, unknown>[] }>("select * from usage_log order by id")).rows,
		async destroy() {
			for (const each of made) each.close();
			redis?.disconnect();
			await egress.close();
			await world.destroy();
		},
	};
}

async function insertRoute({ db }: LedgerWorld, route: TestRoute, quality: number): Promise<void> {
	const { model = {} } = route;
	await db.raw(
		`insert into providers (id, dialect, base_url, region, allow_private_network, concurrency, requests_per_minute)
		values (?, ?, ?, ?, true, ?, ?)`,
		[
			route.providerId,
			route.dialect ?? "openai",
			route.baseUrl ?? "http://127.0.0.1:1/v1",
			route.region ?? "us",
			route.concurrency ?? 64,
			route.requestsPerMinute ?? 60_000,
		],
	);
	await db.raw(
		`insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens,
			output_tokens_max, weight_micro) values (?, ?, ?, ?, ?, ?, ?, ?)`,
		[
			route.providerId,
			model.model ?? `${route.providerId}-model`,
			model.quality ?? quality,
			model.priceInputMicro ?? 100,
			model.priceOutputMicro ?? 100,
			model.contextTokens ?? 100_000,
			model.outputTokensMax ?? 8_000,
			model.weightMicro ?? MICRO,
		],
	);
}
