import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { toProviderSeeds } from "../providers/presets.ts";
import { createSecrets } from "../secrets/create-secrets.ts";
import { ensureKeyRing, readKeyRing } from "../secrets/key-files.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { addKeyTenant, createTestKeys } from "../testing/provider-keys.ts";
import { bootstrapProviders } from "./bootstrap-providers.ts";
import { createRouteSource } from "./route-source.ts";

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

test("keys are sealed by the real store; one whose record was touched is not used", async () => {
	const directory = join(await mkdtemp(join(tmpdir(), "rockpool-keys-")), "keys");
	await ensureKeyRing(directory);
	const tenantOfTests = await world.db("data_keys").select();
	await world.db("data_keys").delete();
	const secrets = createSecrets({
		db: world.db,
		readKeys: async () => await readKeyRing(directory),
		registerSecret: () => undefined,
	});
	const seeds = toProviderSeeds({ keys: { openai: "sk-real-a", moonshot: "sk-real-b" } });
	await bootstrapProviders(world.db, secrets, seeds);
	const read = async (): Promise<(string | undefined)[]> => {
		const source = createRouteSource({
			db: world.db,
			getSecret: async (id) => await secrets.get(id),
			onTrouble: () => undefined,
		});
		await source.current();
		return ["openai", "kimi"].map((id) => source.apiKeyOf(id));
	};
	expect(await read()).toEqual(["sk-real-a", "sk-real-b"]);
	await world.db.raw(
		"update secrets set record = overlay(record placing 'AAAA' from length(record) - 3) where id = (select secret_id from providers where id = 'openai')",
	);
	expect(await read()).toEqual([undefined, "sk-real-b"]);
	// The next start writes it anew.
	await bootstrapProviders(world.db, secrets, seeds);
	expect(await read()).toEqual(["sk-real-a", "sk-real-b"]);
	await world.db("providers").delete();
	await world.db("secrets").delete();
	await world.db("data_keys").delete();
	await world.db("data_keys").insert(tenantOfTests);
	await rm(directory, { recursive: true, force: true });
});

describe("the table a node holds", () => {
	test("is read again after five seconds, or at once when it is told to", async () => {
		const keys = createTestKeys(world.db);
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
		const keys = createTestKeys(world.db);
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
		await bootstrapProviders(gone.db, createTestKeys(world.db), toProviderSeeds({ keys: {} }));
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
