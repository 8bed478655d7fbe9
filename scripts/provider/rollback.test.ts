import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { bootstrapProviders } from "../../core/models/bootstrap-providers.ts";
import { toProviderSeeds } from "../../core/providers/presets.ts";
import { createTestKeys } from "../../core/testing/provider-keys.ts";
import { createScriptedProvider } from "../../core/testing/scripted-provider.ts";
import type { Ran, WizardWorld } from "./testing/wizard-world.ts";
import { createWizardWorld } from "./testing/wizard-world.ts";

const FIRST = "canary-first-4f1c9b7e";
const SECOND = "canary-second-2a6d8053";
const NOTHING = "There is no change to take back.\n";

let world: WizardWorld;
beforeAll(async () => {
	world = await createWizardWorld();
});
afterAll(async () => await world.close());
beforeEach(async () => await world.reset());

async function add(key: string, ...more: readonly string[]): Promise<Ran> {
	const url = world.server.baseUrl("openai");
	return await world.run([
		...["add", "--base-url", url, "--models", "m", "--allow-private"],
		"--key",
		key,
		...more,
	]);
}

async function addToEnv(key: string): Promise<Ran> {
	const providers = [createScriptedProvider({}, "openai")];
	return await world.run(["add", "--preset", "openai", "--key", key, "--env"], { providers });
}

const rollback = async (...more: readonly string[]): Promise<Ran> => await world.run(["rollback", ...more]);

/** All there is, but for the figures that only count. */
async function readAll(): Promise<unknown> {
	const rows = await world.db("providers").select().orderBy("id");
	const models = await world.db("provider_models").select().orderBy(["provider_id", "model"]);
	const keys = await Promise.all(rows.map(async ({ id }) => await world.readKey(String(id))));
	return { rows: rows.map(({ version: _, updated_at: __, secret_id: ___, ...row }) => row), models, keys };
}

async function readEnvFile(): Promise<string | undefined> {
	return await readFile(join(world.folder, ".env"), "utf8").catch(() => undefined);
}

test("with nothing to take back says so, however often", async () => {
	expect(await rollback()).toEqual({ code: 0, out: NOTHING, err: "" });
	expect(await rollback()).toEqual({ code: 0, out: NOTHING, err: "" });
});

describe("in the database", () => {
	test("a new provider goes with its key, once", async () => {
		await add(FIRST);
		const { code, out } = await rollback();
		expect(code).toBe(0);
		expect(out).toContain("provider custom: deleted with its key, as there was none before");
		expect(await world.db("providers").select()).toEqual([]);
		expect(await world.db("secrets").select()).toEqual([]);
		expect(await rollback()).toEqual({ code: 0, out: NOTHING, err: "" });
	});

	test("a changed one gets its former address, figures and key back", async () => {
		await add(FIRST, "--region", "us");
		await world.db.raw("update provider_models set quality = 7, enabled = false");
		await world.db.raw("update providers set concurrency = 3");
		const before = await readAll();
		await add(SECOND, "--region", "cn", "--models", "other");
		expect(await world.readKey("custom")).toBe(SECOND);
		const { out } = await rollback();
		expect(out).toContain("provider custom: as before (on, with its former key, http://127.0.0.1:");
		expect(out).not.toMatch(/canary/);
		expect(await readAll()).toEqual(before);
		// the key that was taken back is gone from the disk, sealed or not
		expect(await world.db("secrets").select()).toHaveLength(1);
	});

	test("a removed one is on again with its key", async () => {
		await add(FIRST);
		const before = await readAll();
		expect((await world.run(["remove", "custom"])).out).toContain("is off, and its key is forgotten");
		expect(await world.readKey("custom")).toBeUndefined();
		expect(JSON.stringify(await world.db("secrets").select())).not.toContain(FIRST);
		await rollback();
		expect(await readAll()).toEqual(before);
	});

	test("only the last change is kept, and with remove --for-good not even that", async () => {
		await add(FIRST);
		await add(SECOND, "--id", "other");
		expect((await rollback()).out).toContain("provider other: deleted");
		expect(await rollback()).toMatchObject({ out: NOTHING });
		expect(await world.readKey("custom")).toBe(FIRST);
		await world.run(["remove", "custom", "--for-good"]);
		expect(await rollback()).toMatchObject({ out: NOTHING });
		expect(await world.db("secrets").select()).toEqual([]);
	});

	test("a row that is gone meanwhile is no obstacle", async () => {
		await add(FIRST);
		await world.db.raw("delete from providers");
		expect((await rollback()).out).toContain("provider custom: was gone already");
		await add(FIRST);
		const before = await readAll();
		await add(SECOND);
		await world.db.raw("delete from providers");
		expect((await rollback()).out).toContain("provider custom: as before");
		expect(await readAll()).toEqual(before);
	});

	test("what somebody else changed since stops it, unless it is forced", async () => {
		await add(FIRST);
		await add(SECOND);
		await world.db.raw("update providers set region = 'de', version = version + 1");
		const refused = await rollback();
		expect(refused.code).toBe(1);
		expect(refused.err).toContain("was changed by somebody else since; nothing was taken back");
		expect(await world.readKey("custom")).toBe(SECOND);
		expect(await rollback("--force")).toMatchObject({ code: 0 });
		expect(await world.readKey("custom")).toBe(FIRST);
	});

	test("a record that cannot be read changes nothing, and the next change replaces it", async () => {
		await add(FIRST);
		const before = await readAll();
		await world.db.raw("update secrets set record = 'v1.broken' where purpose = 'provider-undo'");
		for (let times = 0; times < 2; times += 1) {
			const { code, err } = await rollback();
			expect(code).toBe(1);
			expect(err).toMatch(/^Not done: the record of the last change cannot be read [^\n]+\n$/);
		}
		expect(await readAll()).toEqual(before);
		expect((await world.run(["list"])).out).toContain(
			"rollback: the record of the last change cannot be read",
		);
		await add(SECOND);
		expect(await rollback()).toMatchObject({ code: 0 });
		expect(await readAll()).toEqual(before);
	});
});

describe("of .env", () => {
	const LINES = "# mine\nOPENAI_API_KEY='canary-former'\nPORT=9";

	test("a new file goes, a line becomes what it was", async () => {
		await addToEnv(FIRST);
		expect((await rollback()).out).toContain("/.env: deleted, as there was none before");
		expect(await readdir(world.folder)).toEqual([".gitignore"]);
		await writeFile(join(world.folder, ".env"), LINES);
		await addToEnv(SECOND);
		expect(await readEnvFile()).toContain(SECOND);
		const { out } = await rollback();
		expect(out).toContain("/.env: as before");
		expect(out).not.toContain("canary");
		expect(await readEnvFile()).toBe(LINES);
		expect(await rollback()).toMatchObject({ out: NOTHING });
	});

	test("a file that is gone, or as before already, is no obstacle", async () => {
		await addToEnv(FIRST);
		await rm(join(world.folder, ".env"));
		expect((await rollback()).out).toContain("/.env: is gone, nothing to take back there");
		await writeFile(join(world.folder, ".env"), LINES);
		await addToEnv(FIRST);
		await writeFile(join(world.folder, ".env"), LINES);
		expect((await rollback()).out).toContain("/.env: is as it was before already");
	});

	test("a line somebody changed since stops it; forced, the file is left alone", async () => {
		await writeFile(join(world.folder, ".env"), LINES);
		await addToEnv(FIRST);
		await writeFile(join(world.folder, ".env"), "OPENAI_API_KEY=canary-by-hand\n");
		expect((await rollback()).err).toContain("OPENAI_API_KEY in");
		expect((await rollback("--force")).out).toContain("left as it is, OPENAI_API_KEY was changed since");
		expect(await readEnvFile()).toBe("OPENAI_API_KEY=canary-by-hand\n");
		expect(await rollback()).toMatchObject({ out: NOTHING });
	});

	test("a provider that was handed back to the environment is the operator's again, after a start too", async () => {
		const providers = [createScriptedProvider({}, "openai")];
		await world.run(["add", "--preset", "openai", "--key", FIRST], { providers });
		const before = await readAll();
		await addToEnv(SECOND);
		const seeds = toProviderSeeds({ keys: { openai: SECOND } });
		await bootstrapProviders(world.db, createTestKeys(world.db), seeds);
		await world.db.raw("delete from providers where id = 'demo'");
		expect((await rollback()).out).toContain("provider openai: as before");
		expect(await readAll()).toEqual(before);
		expect(await readEnvFile()).toBeUndefined();
	});
});
