import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { bootstrapProviders } from "../../core/models/bootstrap-providers.ts";
import { toProviderSeeds } from "../../core/providers/presets.ts";
import { createTestKeys } from "../../core/testing/provider-keys.ts";
import { createScriptedProvider } from "../../core/testing/scripted-provider.ts";
import type { Ran, WizardWorld } from "./testing/wizard-world.ts";
import { createWizardWorld } from "./testing/wizard-world.ts";

const KEY = "canary-4f1c9b7e2a6d8053";
const LINES = "# mine\r\nPORT=9\r\nTELEGRAM_BOT_TOKEN='1:x'";

let world: WizardWorld;
beforeAll(async () => {
	world = await createWizardWorld();
});
afterAll(async () => await world.close());
beforeEach(async () => await world.reset());

async function addToEnv(preset: string, more: readonly string[] = [], folder = world.folder): Promise<Ran> {
	const providers = [createScriptedProvider({}, "openai"), createScriptedProvider({}, "anthropic")];
	return await world.run(["add", "--preset", preset, "--key", KEY, "--env", ...more], { providers, folder });
}

async function read(name = ".env"): Promise<string> {
	return await readFile(join(world.folder, name), "utf8");
}

async function modeOf(name = ".env"): Promise<string> {
	return ((await stat(join(world.folder, name))).mode & 0o777).toString(8);
}

describe("add --env", () => {
	test("makes .env for its owner alone, keeps git from it, and stores no key in the database", async () => {
		const { code, out, err } = await addToEnv("openai");
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(await read()).toBe(`OPENAI_API_KEY=${KEY}\n`);
		expect(await modeOf()).toBe("600");
		expect(await read(".gitignore")).toBe(".env\n");
		expect(out).toContain(`Set in ${world.folder}/.env: OPENAI_API_KEY.`);
		expect(out).toContain("Added .env to");
		expect(out).not.toContain(KEY);
		expect(await world.db("providers").select()).toEqual([]);
		// sealed or not: the record of the change holds no more than a print of it
		const ring = await world.readSecrets();
		expect(ring).toHaveLength(1);
		expect(ring.join()).not.toContain(KEY);
		expect(await readdir(world.folder)).toEqual([".env", ".gitignore"]);
	});

	test("leaves other lines as they are, and what the group may do", async () => {
		await writeFile(join(world.folder, ".env"), LINES);
		await chmod(join(world.folder, ".env"), 0o644);
		await writeFile(join(world.folder, ".gitignore"), "*.log\n/.env\n");
		expect(await addToEnv("deepseek")).toMatchObject({ code: 0 });
		expect(await read()).toBe(`${LINES}\r\nDEEPSEEK_API_KEY=${KEY}\r\n`);
		expect(await modeOf()).toBe("640");
		expect(await read(".gitignore")).toBe("*.log\n/.env\n");
		const again = await addToEnv("deepseek");
		expect(again.out).toContain("says so already; nothing was changed there");
		expect(await read()).toBe(`${LINES}\r\nDEEPSEEK_API_KEY=${KEY}\r\n`);
	});

	test("writes what core/config reads, Cloud.ru's preset and a custom provider included", async () => {
		expect(await addToEnv("cloudru", ["--cloudru-preset", "flash"])).toMatchObject({ code: 0 });
		expect(await read()).toBe(`CLOUDRU_API_KEY=${KEY}\nCLOUDRU_PRESET=flash\n`);
		const url = world.server.baseUrl("openai");
		const args = ["add", "--base-url", url, "--models", "a,b", "--allow-private", "--env", "--key", KEY];
		expect(await world.run(args)).toMatchObject({ code: 0 });
		expect(await read()).toContain(
			`CUSTOM_PROVIDER_BASE_URL=${url}\nCUSTOM_PROVIDER_API_KEY=${KEY}\nCUSTOM_PROVIDER_MODELS=a,b\n`,
		);
		// another address without a key takes the key out as well
		const moved = args.with(2, `${url}/other`).with(-2, "--no-key").slice(0, -1);
		expect(await world.run(moved)).toMatchObject({ code: 0 });
		expect(await read()).toContain(`CUSTOM_PROVIDER_BASE_URL=${url}/other\nCUSTOM_PROVIDER_API_KEY=\n`);
	});

	test("says what counts more than the file, and refuses beside a file of the key", async () => {
		const providers = [createScriptedProvider({}, "openai")];
		const args = ["add", "--preset", "openai", "--key", KEY, "--env"];
		const elsewhere = await world.run(args, { providers, env: { OPENAI_API_KEY: "canary-shell" } });
		expect(elsewhere.out).toContain("Note: OPENAI_API_KEY is also set where this was started");
		await writeFile(join(world.folder, "key"), "canary-in-file");
		const env = { OPENAI_API_KEY_FILE: join(world.folder, "key") };
		const { code, err } = await world.run(args, { providers, env });
		expect(code).toBe(1);
		expect(err).toContain("OPENAI_API_KEY_FILE is set and names the file of that key");
		await rm(join(world.folder, "key"));
	});

	test("a provider the operator had in the database follows the environment again", async () => {
		const providers = [createScriptedProvider({}, "openai")];
		await world.run(["add", "--preset", "openai", "--key", "canary-in-database"], { providers });
		const start = async () =>
			await bootstrapProviders(
				world.db,
				createTestKeys(world.db),
				toProviderSeeds({ keys: { openai: "canary-from-env" } }),
			);
		await start();
		expect(await world.readKey("openai")).toBe("canary-in-database");
		const { out } = await addToEnv("openai");
		expect(out).toContain("Provider openai follows the environment again.");
		const before = await world.db("providers").where({ id: "openai" }).first();
		expect(before).toMatchObject({ managed_by: "env", enabled: true });
		await start();
		const after = await world.db("providers").where({ id: "openai" }).first();
		expect(after.secret_id).not.toBe(before.secret_id);
	});

	test.each([
		[["--base-url", "https://eu.example.com/v1"], "cannot be altered"],
		[["--id", "mine"], "cannot be altered"],
		[["--models", "gpt-9"], "cannot be altered"],
	])("with %j is refused: .env has no words for it", async (more, words) => {
		expect((await addToEnv("openai", more)).err).toContain(words);
	});
});

describe("a file that is no plain .env", () => {
	test.each([
		[
			"a link out of the folder",
			async (path: string) => await symlink("/etc/hostname", path),
			"a link that leads out",
		],
		["a link to nowhere", async (path: string) => await symlink("nowhere", path), "a link that leads out"],
		["a directory", async (path: string) => await mkdir(path), "no plain file"],
		["a pipe", async (path: string) => await promisify(execFile)("mkfifo", [path]), "no plain file"],
	])("such as %s is never written through", async (_name, make, words) => {
		await make(join(world.folder, ".env"));
		const { code, err } = await addToEnv("openai");
		expect(err).toContain(words);
		expect(code).toBe(1);
		expect(await world.db("secrets").select()).toEqual([]);
		expect((await readdir(world.folder)).filter((name) => name !== ".env")).toEqual([]);
	});

	test("a link inside of the folder is followed and stays a link", async () => {
		await writeFile(join(world.folder, "real.env"), "A=1\n");
		await symlink("real.env", join(world.folder, ".env"));
		expect(await addToEnv("openai")).toMatchObject({ code: 0 });
		expect(await read("real.env")).toBe(`A=1\nOPENAI_API_KEY=${KEY}\n`);
		await rm(join(world.folder, "real.env"));
	});

	test("a folder that cannot be written to takes everything back", async () => {
		const folder = await mkdtemp(join(tmpdir(), "rockpool-wizard-gone-"));
		await mkdir(join(folder, ".gitignore"));
		const { code, err } = await addToEnv("openai", [], folder);
		expect(code).toBe(1);
		expect(err).toContain(".gitignore is no plain file");
		expect(await world.db("secrets").select()).toEqual([]);
		expect(await readdir(folder)).toEqual([".gitignore"]);
		await rm(folder, { recursive: true });
	});
});
