import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { bootstrapProviders } from "../models/bootstrap-providers.ts";
import { toProviderSeeds } from "../providers/presets.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { addKeyTenant, createTestKeys } from "../testing/provider-keys.ts";
import { changeProviderUrl, readRouteTable } from "./providers.ts";

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

describe("changing a provider's URL (S26)", () => {
	async function setUp(): Promise<{ secretId: string; version: number }> {
		const keys = createTestKeys(world.db);
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
		const next = await createTestKeys(world.db).put("platform", "provider-key", "sk-new");
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
