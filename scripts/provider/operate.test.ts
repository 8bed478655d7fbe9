import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { bootstrapProviders } from "../../core/models/bootstrap-providers.ts";
import { toProviderSeeds } from "../../core/providers/presets.ts";
import { createTestKeys } from "../../core/testing/provider-keys.ts";
import type { WizardWorld } from "./testing/wizard-world.ts";
import { createWizardWorld } from "./testing/wizard-world.ts";

const KEY = "canary-4f1c9b7e2a6d8053";

let world: WizardWorld;
beforeAll(async () => {
	world = await createWizardWorld();
});
afterAll(async () => await world.close());
beforeEach(async () => await world.reset());

async function add(id: string): Promise<void> {
	const url = world.server.baseUrl("openai");
	const args = ["add", "--base-url", url, "--models", "m", "--allow-private", "--id", id, "--key", KEY];
	expect(await world.run(args)).toMatchObject({ code: 0 });
}

/** As a node does at its start with these keys in its environment. */
async function start(keys: Readonly<Record<string, string>>): Promise<void> {
	await bootstrapProviders(world.db, createTestKeys(world.db), toProviderSeeds({ keys }));
}

describe("list", () => {
	test("shows what there is and what can be taken back, and no key", async () => {
		await add("one");
		await start({ deepseek: KEY });
		const { code, out } = await world.run(["list"]);
		expect(code).toBe(0);
		const cells = out.split("\n").map((line) => line.split(/ {2,}/));
		expect(cells[0]).toEqual(["ID", "STATE", "KEY", "SET BY", "REGION", "DIALECT", "ADDRESS", "MODELS"]);
		expect(cells[1]?.slice(0, 4)).toEqual(["deepseek", "on", "unreadable", "environment"]);
		expect(cells[2]?.slice(0, 4)).toEqual(["demo", "on", "none", "environment"]);
		expect(cells[3]).toEqual([
			"one",
			"on",
			"stored",
			"operator",
			"other",
			"openai",
			world.server.baseUrl("openai"),
			"m",
		]);
		expect(out).toContain("rollback would take back: add one, 20");
		expect(out).not.toContain("canary");
	});
});

describe("test", () => {
	test("calls every provider that is on with its own key, and fails when one does not work", async () => {
		await add("one");
		await add("two");
		const asked = world.server.requests.length;
		expect(await world.run(["test"])).toMatchObject({ code: 0, out: expect.stringContaining("All 2 work.") });
		const requests = world.server.requests.slice(asked);
		expect(requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
		world.server.answerNext({ kind: "status", status: 401 });
		const { code, out } = await world.run(["test"]);
		expect(code).toBe(1);
		expect(out).toContain("the key is refused (401)");
		expect(out).toContain("1 of 2 do not work.");
		expect(await world.run(["test", "two"])).toMatchObject({ code: 0 });
		expect((await world.run(["test", "nobody"])).err).toContain("there is no provider nobody");
	});

	test("what a vendor says cannot reach the terminal as more than text, nor show the key", async () => {
		await add("one");
		const body = `\u001b]0;owned\u0007\u001b[31m no ${KEY} \u202e`;
		world.server.answerAlways({ kind: "status", status: 422, body });
		const { out } = await world.run(["test"]);
		expect(out).toContain("the vendor refuses the test question (422)");
		expect(out).not.toMatch(/[^\P{C}\n]/u);
		expect(out).not.toContain("canary");
	});

	test("a key that cannot be read, and no provider at all, are said", async () => {
		expect((await world.run(["test"])).err).toContain("there is no provider that is on; add one first");
		await start({ deepseek: KEY });
		expect((await world.run(["test"])).out).toContain("its key cannot be read");
	});
});

describe("remove", () => {
	test("switches off and forgets the key, and a start with the key in the environment changes nothing", async () => {
		await start({ openai: KEY });
		const { out } = await world.run(["remove", "openai"], { env: { OPENAI_API_KEY: KEY } });
		expect(out).toContain("Provider openai is off, and its key is forgotten.");
		expect(out).toContain("Its key still stands in the environment (OPENAI_API_KEY)");
		await start({ openai: KEY });
		const row = await world.db("providers").where({ id: "openai" }).first();
		expect(row).toMatchObject({ enabled: false, secret_id: null, managed_by: "admin" });
		expect((await world.run(["remove", "openai"])).out).toContain("is off and without a key already");
	});

	test("--env empties the line in .env too, and rollback fills it again", async () => {
		const { readFile, writeFile } = await import("node:fs/promises");
		const path = `${world.folder}/.env`;
		await writeFile(path, `A=1\nDEEPSEEK_API_KEY=${KEY}\nB=2\n`);
		await start({ deepseek: KEY });
		const { out } = await world.run(["remove", "deepseek", "--env"]);
		expect(out).toContain("Emptied in");
		expect(await readFile(path, "utf8")).toBe("A=1\nDEEPSEEK_API_KEY=\nB=2\n");
		expect(await world.run(["rollback"])).toMatchObject({ code: 0 });
		expect(await readFile(path, "utf8")).toBe(`A=1\nDEEPSEEK_API_KEY=${KEY}\nB=2\n`);
	});

	test("of one that is not there, and of the demo, is refused", async () => {
		await start({});
		expect((await world.run(["remove", "nobody"])).err).toContain("there is no provider nobody");
		expect((await world.run(["remove", "demo"])).err).toContain("the demo needs no removal");
	});
});
