import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readRouteTable } from "../db/providers.ts";
import { DEMO_ROUTES, toProviderSeeds } from "../providers/presets.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { addKeyTenant, createTestKeys } from "../testing/provider-keys.ts";
import { bootstrapProviders } from "./bootstrap-providers.ts";
import { rankRoutes } from "./choose-route.ts";

let world: TestDb;

beforeAll(async () => {
	world = await createTestDb();
	await addKeyTenant(world.db);
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	await world.db.raw("delete from providers");
	await world.db.raw("delete from secrets");
});

async function providers(): Promise<Record<string, unknown>[]> {
	const { rows } = await world.db.raw<{ rows: Record<string, unknown>[] }>(
		"select id, enabled, secret_id, base_url, managed_by, version from providers order by id",
	);
	return rows;
}

async function routable(): Promise<readonly string[]> {
	const { routes } = await readRouteTable(world.db);
	return [...new Set(routes.map((route) => route.provider.providerId))];
}

describe("providers of the environment", () => {
	test("are written with their keys, and again only when a key changed", async () => {
		const keys = createTestKeys(world.db);
		const seeds = toProviderSeeds({ keys: { openai: "sk-a", moonshot: "sk-b" } });
		await bootstrapProviders(world.db, keys, seeds);
		expect(await routable()).toEqual(["kimi", "openai"]);
		const before = await providers();
		await bootstrapProviders(world.db, keys, seeds);
		const after = await providers();
		expect(after.map((row) => row["secret_id"])).toEqual(before.map((row) => row["secret_id"]));
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-c", moonshot: "sk-b" } }));
		expect([...keys.values.values()].sort()).toEqual(["sk-b", "sk-c"]);
	});

	test("one that is gone from the environment is off and loses its key; it comes back with it", async () => {
		const keys = createTestKeys(world.db);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a", deepseek: "sk-d" } }));
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { deepseek: "sk-d" } }));
		expect(await routable()).toEqual(["deepseek"]);
		expect([...keys.values.values()]).toEqual(["sk-d"]);
		expect(await providers()).toMatchObject([
			{ id: "deepseek" },
			{ id: "demo" },
			{ id: "openai", enabled: false, secret_id: null },
		]);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a", deepseek: "sk-d" } }));
		expect(await routable()).toEqual(["deepseek", "openai"]);
	});

	test("the demo answers only while nothing else is switched on", async () => {
		const keys = createTestKeys(world.db);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: {} }));
		expect(await routable()).toEqual(["demo"]);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { zhipu: "k" } }));
		expect(await routable()).toEqual(["glm"]);
		await world.db.raw("update providers set enabled = false where id = 'glm'");
		expect(await routable()).toEqual(["demo"]);
	});

	test("one that an admin took over is left alone", async () => {
		const keys = createTestKeys(world.db);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a" } }));
		await world.db.raw("update providers set managed_by = 'admin', region = 'eu' where id = 'openai'");
		await world.db.raw("update provider_models set quality = 1 where provider_id = 'openai'");
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-b" } }));
		const { routes } = await readRouteTable(world.db);
		expect(routes[0]).toMatchObject({ quality: 1, provider: { region: "eu" } });
		// The environment's key is nobody's here, so it is not stored at each start.
		expect([...keys.values.values()]).toEqual(["sk-a"]);
	});

	test("nodes that start together end with one set of rows and keys", async () => {
		const keys = createTestKeys(world.db);
		const seeds = toProviderSeeds({ keys: { openai: "sk-a", moonshot: "sk-b" } });
		await Promise.all([1, 2, 3].map(async () => await bootstrapProviders(world.db, keys, seeds)));
		expect([...keys.values.values()].sort()).toEqual(["sk-a", "sk-b"]);
		expect(await routable()).toEqual(["kimi", "openai"]);
	});

	test("a custom one comes with its own URL, region, dialect and models", async () => {
		const custom = {
			baseUrl: "http://127.0.0.1:11434/v1",
			apiKey: "",
			models: ["llama", "phi"],
			region: "local",
			dialect: "openai",
			allowPrivateNetwork: true,
		} as const;
		await bootstrapProviders(world.db, createTestKeys(world.db), toProviderSeeds({ keys: {}, custom }));
		const { routes } = await readRouteTable(world.db);
		expect(routes.map((route) => route.model)).toEqual(["llama", "phi"]);
		expect(routes[0]?.provider).toMatchObject({
			providerId: "custom",
			allowPrivateNetwork: true,
			secretId: undefined,
		});
	});
});

test("every preset fits the database, and the demo names what the policies would choose", async () => {
	const all = {
		openai: "k",
		moonshot: "k",
		deepseek: "k",
		dashscope: "k",
		zhipu: "k",
		cloudru: "k",
		anthropic: "k",
	};
	await bootstrapProviders(world.db, createTestKeys(world.db), toProviderSeeds({ keys: all }));
	const table = await readRouteTable(world.db);
	expect(await routable()).toEqual(["anthropic", "cloudru", "deepseek", "glm", "kimi", "openai", "qwen"]);
	for (const [demo, policy] of [
		["demo-smart", "BEST"],
		["demo-economy", "CHEAP"],
	] as const) {
		const choice = rankRoutes({ userId: "1", message: "", policy }, table, () => ({ kind: "up" }));
		expect(choice.kind === "routes" && DEMO_ROUTES[demo]?.endsWith(choice.routes[0].model)).toBe(true);
	}
});
