import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { changeProviderUrl, readRouteTable } from "../db/providers.ts";
import { DEMO_ROUTES, toProviderSeeds } from "../providers/presets.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import type { KeyStore } from "./bootstrap-providers.ts";
import { bootstrapProviders } from "./bootstrap-providers.ts";
import { rankRoutes } from "./choose-route.ts";
import { createRouteSource } from "./route-source.ts";

let world: TestDb;

beforeAll(async () => {
	world = await createTestDb();
	await world.db.raw("insert into data_keys (tenant, kek_id, wrapped) values ('platform', 'k', 'v1.x')");
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	await world.db.raw("delete from providers");
	await world.db.raw("delete from secrets");
});

/** Rows as the real store makes them, with the value kept beside. */
function createKeys(): KeyStore & { readonly values: Map<string, string> } {
	const values = new Map<string, string>();
	return {
		values,
		async put(tenant, purpose, value) {
			const id = randomUUID();
			await world.db.raw("insert into secrets (id, tenant, purpose, record) values (?, ?, ?, 'v1')", [
				id,
				tenant,
				purpose,
			]);
			values.set(id, value);
			return id;
		},
		async get(id) {
			const value = await Promise.resolve(values.get(id));
			if (value === undefined) throw new Error("no such secret");
			return value;
		},
		async remove(id) {
			await world.db.raw("delete from secrets where id = ?", [id]);
			values.delete(id);
		},
	};
}

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
		const keys = createKeys();
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
		const keys = createKeys();
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
		const keys = createKeys();
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: {} }));
		expect(await routable()).toEqual(["demo"]);
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { zhipu: "k" } }));
		expect(await routable()).toEqual(["glm"]);
		await world.db.raw("update providers set enabled = false where id = 'glm'");
		expect(await routable()).toEqual(["demo"]);
	});

	test("one that an admin took over is left alone", async () => {
		const keys = createKeys();
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a" } }));
		await world.db.raw("update providers set managed_by = 'admin', region = 'eu' where id = 'openai'");
		await world.db.raw("update provider_models set quality = 1 where provider_id = 'openai'");
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-b" } }));
		const { routes } = await readRouteTable(world.db);
		expect(routes[0]).toMatchObject({ quality: 1, provider: { region: "eu" } });
	});

	test("nodes that start together end with one set of rows and keys", async () => {
		const keys = createKeys();
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
		await bootstrapProviders(world.db, createKeys(), toProviderSeeds({ keys: {}, custom }));
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
	await bootstrapProviders(world.db, createKeys(), toProviderSeeds({ keys: all }));
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

describe("changing a provider's URL (S26)", () => {
	async function setUp(): Promise<{ secretId: string; version: number }> {
		const keys = createKeys();
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a" } }));
		const row = (await providers()).find(({ id }) => id === "openai");
		return { secretId: String(row?.["secret_id"]), version: Number(row?.["version"]) };
	}

	test.each([
		["https://evil.example.com/v1"],
		["https://api.openai.com:8443/v1"],
		["http://api.openai.com/v1"],
		["https://api.openai.com.evil.example.com/v1"],
	])("to %s clears the stored key", async (baseUrl) => {
		const { secretId, version } = await setUp();
		const change = { providerId: "openai", version, baseUrl };
		expect(await changeProviderUrl(world.db, change)).toEqual({ removedSecretId: secretId });
		expect((await readRouteTable(world.db)).routes[0]?.provider).toMatchObject({
			baseUrl,
			secretId: undefined,
		});
	});

	test("on the same host keeps it", async () => {
		const { version } = await setUp();
		const change = { providerId: "openai", version, baseUrl: "https://api.openai.com/v2" };
		expect(await changeProviderUrl(world.db, change)).toEqual({ removedSecretId: undefined });
		expect((await providers()).find(({ id }) => id === "openai")?.["secret_id"]).not.toBeNull();
	});

	test("with the key entered again takes the new one", async () => {
		const { secretId, version } = await setUp();
		const next = await createKeys().put("platform", "provider-key", "sk-new");
		const change = { providerId: "openai", version, baseUrl: "https://other.example.com/v1", secretId: next };
		expect(await changeProviderUrl(world.db, change)).toEqual({ removedSecretId: secretId });
	});

	test("of one that somebody else changed meanwhile does nothing", async () => {
		const { version } = await setUp();
		const change = { providerId: "openai", version, baseUrl: "https://api.openai.com/v2" };
		await changeProviderUrl(world.db, change);
		expect(await changeProviderUrl(world.db, change)).toBeUndefined();
	});
});

describe("the table a node holds", () => {
	test("is read again after five seconds, or at once when it is told to", async () => {
		const keys = createKeys();
		let now = 0;
		const source = createRouteSource({
			db: world.db,
			getSecret: keys.get,
			onTrouble: () => undefined,
			now: () => now,
		});
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a" } }));
		const first = await source.current();
		expect(source.apiKeyOf("openai")).toBe("sk-a");
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-b" } }));
		now += 4_999;
		expect(await source.current()).toBe(first);
		expect(source.apiKeyOf("openai")).toBe("sk-a");
		now += 1;
		await source.current();
		expect(source.apiKeyOf("openai")).toBe("sk-b");
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-c" } }));
		source.reload();
		await source.current();
		expect(source.apiKeyOf("openai")).toBe("sk-c");
	});

	test("does without a key that cannot be read, and keeps the others", async () => {
		const keys = createKeys();
		const troubles: string[] = [];
		const source = createRouteSource({
			db: world.db,
			getSecret: keys.get,
			onTrouble: (message) => void troubles.push(message),
		});
		await bootstrapProviders(world.db, keys, toProviderSeeds({ keys: { openai: "sk-a", moonshot: "sk-b" } }));
		for (const [id, value] of keys.values) if (value === "sk-a") keys.values.delete(id);
		await source.current();
		expect(source.apiKeyOf("openai")).toBeUndefined();
		expect(source.apiKeyOf("kimi")).toBe("sk-b");
		expect(troubles).toEqual(["the key of provider openai cannot be read"]);
	});

	test("outlives a database that is away for a while, not for ever", async () => {
		const gone = await createTestDb();
		let now = 0;
		const troubles: string[] = [];
		const source = createRouteSource({
			db: gone.db,
			getSecret: async () => await Promise.resolve(""),
			onTrouble: (message) => void troubles.push(message),
			now: () => now,
		});
		await bootstrapProviders(gone.db, createKeys(), toProviderSeeds({ keys: {} }));
		const table = await source.current();
		await gone.destroy();
		now += 6_000;
		expect(await source.current()).toBe(table);
		expect(await source.current()).toBe(table);
		expect(troubles).toHaveLength(1);
		now += 60_000;
		await expect(source.current()).rejects.toThrow();
	});
});
